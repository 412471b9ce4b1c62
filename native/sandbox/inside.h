// The first process of a sandbox's namespaces.
#pragma once

#include "settings.h"

namespace sandbox {

/// One message between the two sides: a kind, and what belongs to it. Listening comes with a socket, and its forward's index in `status`.
struct Message {
    enum Kind : int { Go, Listening, Ended, Failed } kind;
    int status;
    char text[1000];
};

/// Waits for leave to begin, builds the view, drops everything, runs the program, reaps until it ends, and says how.
[[noreturn]] void be_first_process(const Settings& settings, int link, bool change_user, bool bound_memory);

}  // namespace sandbox
