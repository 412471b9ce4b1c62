// What one sandbox is to be: parsed from the command line, strictly.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace sandbox {

/// A fault of the set-up, in words for the user.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// "what: strerror(errno)".
Fault fault_of(const std::string& what);

struct Bind {
    std::string source;
    std::string target;
};

/// Where a TCP port inside leads: a Unix socket's path, or IPv4 address and port, of the host.
struct Forward {
    int port = 0;
    std::string target;
};

struct Settings {
    std::string folder;              // the episode's folder on the host, writable inside
    std::string inside = "/work";    // where it is inside
    std::vector<Bind> read_only;     // further folders and files
    std::vector<Forward> forwards;
    std::string report;              // where the end is written, as JSON
    long long memory = 2ll << 30;    // bytes, of the whole sandbox
    long long tmp = 128ll << 20;     // bytes of /tmp; /dev/shm has as many
    long long file = 256ll << 20;    // bytes of one file
    long long processes = 64;
    long long open_files = 512;      // of one process
    long long cpu_seconds = 0;       // of one process; 0: no bound
    long long wall_ms = 60'000;
    long long uid = 0;               // the host's user that a root caller lends; 0: 65534
    bool cgroups = true;
    bool probe = false;
    std::vector<char*> options;      // the words before the program's, as they lie in this process's command line
    std::vector<char*> program;      // ends with null
};

Settings parse(int count, char** words);

}  // namespace sandbox
