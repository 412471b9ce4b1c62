// What the caller is told: one JSON object.
#pragma once

#include "limits.h"

namespace sandbox {

/// The exit code of a sandbox that could not be made.
constexpr int FaultCode = 125;

enum class End { Ended, TimedOut, Stopped, Lost };

/// `status` as waitpid gives it, when the program ended by itself. Returns this process's exit code.
int report_end(const Settings& settings, const ControlGroups& groups, End end, int status);

void report_fault(const Settings& settings, const std::string& message);

}  // namespace sandbox
