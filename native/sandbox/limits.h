// Memory and process counts of a whole sandbox, and the limits of each of its processes.
#pragma once

#include "settings.h"

#include <sys/types.h>

namespace sandbox {

/// One control group per controller, made under the caller's own; empty where none can be made.
class ControlGroups {
public:
    explicit ControlGroups(const Settings& settings);
    ~ControlGroups();
    ControlGroups(const ControlGroups&) = delete;
    ControlGroups& operator=(const ControlGroups&) = delete;

    void add(pid_t process) const;
    bool bound_memory() const { return !memory.empty(); }
    bool bound_processes() const { return !processes.empty(); }
    const char* memory_by() const { return by(memory); }
    const char* processes_by() const { return by(processes); }

    /// Processes that the kernel ended because the sandbox's memory was used up.
    long long memory_kills() const;
    long long memory_peak() const;
    /// Attempts to start a process beyond the bound.
    long long refused_processes() const;

private:
    const char* by(const std::string& group) const { return group.empty() ? "rlimits" : unified ? "cgroup v2" : "cgroup v1"; }
    void make_unified(const std::string& parent, const Settings& settings);
    void make_split(const std::string& controller, const std::string& parent, const Settings& settings);

    std::string memory, processes;
    bool unified = false;
};

/// How many processes may run, and bytes of address space of each, when no control group bounds the memory: together with the file systems
/// in memory they come to the bound.
struct Share {
    long long processes, address_space;
};

Share share_of(const Settings& settings);

/// Bounds the calling process and what it starts. `bound_memory`: a control group does already.
void apply_rlimits(const Settings& settings, bool bound_memory);

}  // namespace sandbox
