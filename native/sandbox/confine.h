// What a process inside gives up before it runs anything.
#pragma once

#include "settings.h"

namespace sandbox {

/// The version of Landlock that the kernel has; 0 when it has none.
int landlock_version();

/// Becomes the sandbox's user without capabilities, for good.
void drop_privileges(bool change_user);

/// Writes nowhere but in `folder`, /tmp, /dev; reads and runs what the root view has. Does nothing without Landlock.
void apply_landlock(const std::string& folder);

/// Refuses the system calls that reach other processes, namespaces, mounts, the kernel's own settings, and sockets beyond IP and Unix.
/// `bound_by_rlimits`: also those that take memory past RLIMIT_AS.
void apply_system_call_filter(bool bound_by_rlimits);

}  // namespace sandbox
