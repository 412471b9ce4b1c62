// The file system that a sandboxed program sees.
#pragma once

#include "settings.h"

namespace sandbox {

/// Replaces the root of this mount namespace: system folders read-only, an /etc of few files, /proc of this pid namespace, a small
/// /dev, /tmp and /dev/shm in memory, the episode's folder. The host's root is out of reach afterwards.
void enter_root_view(const Settings& settings);

}  // namespace sandbox
