// The part of forge-sandbox that stays on the host.
#pragma once

#include "settings.h"

namespace sandbox {

/// Runs the program in new namespaces and reports its end. Returns the exit code for the caller.
int supervise(const Settings& settings);

}  // namespace sandbox
