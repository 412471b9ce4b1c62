#include "limits.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sandbox {
namespace {

constexpr char Prefix[] = "forge-sandbox-";

bool put(const std::string& file, const std::string& text) {
    const int handle = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (handle < 0) return false;
    const bool done = write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(handle);
    return done;
}

std::string get(const std::string& file) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

// The figure after `key` in a file of "key figure" lines; without a key the whole file.
long long figure(const std::string& file, const std::string& key) {
    std::istringstream text(get(file));
    std::string word;
    while (text >> word) {
        if (key.empty()) return atoll(word.c_str());
        if (word == key && text >> word) return atoll(word.c_str());
    }
    return 0;
}

bool has_word(const std::string& list, const std::string& word) { return ("," + list + ",").find("," + word + ",") != std::string::npos; }

// Where the hierarchy of a controller ("" for the unified one) is mounted, and this process's place in it.
std::string own_group(const std::string& controller) {
    std::string mounted, line;
    std::istringstream mounts(get("/proc/self/mountinfo"));
    std::string within = "/";
    while (std::getline(mounts, line)) {
        const auto dash = line.find(" - ");
        if (dash == std::string::npos) continue;
        std::istringstream head(line), tail(line.substr(dash + 3));
        std::string skip, root, at, kind, source, options;
        head >> skip >> skip >> skip >> root >> at;
        tail >> kind >> source >> options;
        if (controller.empty() ? kind == "cgroup2" : kind == "cgroup" && has_word(options, controller)) mounted = at, within = root;
    }
    if (mounted.empty()) return "";
    std::istringstream places(get("/proc/self/cgroup"));
    while (std::getline(places, line)) {
        const auto first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos || !(controller.empty() ? first + 1 == second : has_word(line.substr(first + 1, second - first - 1), controller))) continue;
        auto place = line.substr(second + 1);
        if (within != "/" && place.rfind(within, 0) == 0) place = place.substr(within.size());
        return mounted + (place == "/" ? "" : place);
    }
    return "";
}

// A helper that was killed could not take its group away: empty ones of processes that are gone go now.
void sweep(const std::string& parent) {
    DIR* folder = opendir(parent.c_str());
    if (folder == nullptr) return;
    while (const auto* entry = readdir(folder)) {
        const std::string name = entry->d_name;
        if (name.rfind(Prefix, 0) != 0) continue;
        const auto owner = static_cast<pid_t>(atoi(name.c_str() + sizeof Prefix - 1));
        if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) rmdir((parent + "/" + name).c_str());
    }
    closedir(folder);
}

std::string make_group(const std::string& parent) {
    sweep(parent);
    const auto group = parent + "/" + Prefix + std::to_string(getpid());
    return mkdir(group.c_str(), 0755) == 0 ? group : "";
}

// `grace`: how far the hard limit, which kills without a word, lies behind the soft one, which has a signal of its own.
void bound(int resource, const char* name, long long most, long long grace = 0) {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
    limit.rlim_max = std::min(limit.rlim_max, static_cast<rlim_t>(most + grace));
    limit.rlim_cur = std::min(limit.rlim_max, static_cast<rlim_t>(most));
    if (setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) throw fault_of(std::string("setting the limit ") + name);
}

}  // namespace

ControlGroups::ControlGroups(const Settings& settings) {
    if (!settings.cgroups) return;
    if (const auto own = own_group(""); !own.empty()) {
        make_unified(own, settings);
        // A group with processes of its own can't give controllers to its children; a sibling can have them.
        if (memory.empty() && own.find('/', 1) != std::string::npos) make_unified(own.substr(0, own.rfind('/')), settings);
    }
    if (!memory.empty()) return;
    make_split("memory", own_group("memory"), settings);
    make_split("pids", own_group("pids"), settings);
}

ControlGroups::~ControlGroups() {
    if (!memory.empty()) rmdir(memory.c_str());
    if (!processes.empty() && processes != memory) rmdir(processes.c_str());
}

void ControlGroups::make_unified(const std::string& parent, const Settings& settings) {
    put(parent + "/cgroup.subtree_control", "+memory +pids");
    const auto given = " " + get(parent + "/cgroup.subtree_control");
    if (given.find("memory") == std::string::npos || given.find("pids") == std::string::npos) return;
    const auto group = make_group(parent);
    if (group.empty()) return;
    put(group + "/memory.swap.max", "0");
    if (put(group + "/memory.max", std::to_string(settings.memory)) && put(group + "/pids.max", std::to_string(settings.processes))) {
        memory = processes = group;
        unified = true;
    } else {
        rmdir(group.c_str());
    }
}

void ControlGroups::make_split(const std::string& controller, const std::string& parent, const Settings& settings) {
    const auto group = parent.empty() ? "" : make_group(parent);
    if (group.empty()) return;
    const bool of_memory = controller == "memory";
    const bool done = of_memory ? put(group + "/memory.limit_in_bytes", std::to_string(settings.memory)) : put(group + "/pids.max", std::to_string(settings.processes));
    if (!done) {
        rmdir(group.c_str());
        return;
    }
    if (of_memory) put(group + "/memory.memsw.limit_in_bytes", std::to_string(settings.memory));
    (of_memory ? memory : processes) = group;
}

void ControlGroups::add(pid_t process) const {
    for (const auto& group : {memory, processes})
        if (!group.empty() && !put(group + "/cgroup.procs", std::to_string(process))) throw fault_of("moving the sandbox into the control group " + group);
}

long long ControlGroups::memory_kills() const {
    return memory.empty() ? 0 : figure(memory + (unified ? "/memory.events" : "/memory.oom_control"), "oom_kill");
}

long long ControlGroups::memory_peak() const {
    return memory.empty() ? 0 : figure(memory + (unified ? "/memory.peak" : "/memory.max_usage_in_bytes"), "");
}

long long ControlGroups::refused_processes() const { return processes.empty() ? 0 : figure(processes + "/pids.events", "max"); }

Share share_of(const Settings& settings) {
    constexpr long long least = 256 << 20;
    const auto bytes = settings.memory - 2 * settings.tmp;
    const auto processes = std::min(settings.processes, bytes / least);
    if (processes < 2)
        throw Fault("no control group can be written here, so each process gets a share of the memory: " + std::to_string(settings.memory) + " bytes, less twice "
            + std::to_string(settings.tmp) + " for /tmp and /dev/shm, are no two shares of " + std::to_string(least)
            + "; raise the memory, lower the size of /tmp, or make the caller's cgroup writable");
    return {processes, bytes / processes};
}

void apply_rlimits(const Settings& settings, bool bound_memory) {
    bound(RLIMIT_CORE, "core", 0);
    bound(RLIMIT_NPROC, "processes", bound_memory ? settings.processes : share_of(settings).processes);
    bound(RLIMIT_NOFILE, "open files", settings.open_files);
    bound(RLIMIT_FSIZE, "file size", settings.file);
    bound(RLIMIT_MEMLOCK, "locked memory", 64 << 10);
    bound(RLIMIT_MSGQUEUE, "message queues", 64 << 10);
    if (settings.cpu_seconds > 0) bound(RLIMIT_CPU, "processor time", settings.cpu_seconds, 2);
    if (!bound_memory) bound(RLIMIT_AS, "address space", share_of(settings).address_space);
}

}  // namespace sandbox
