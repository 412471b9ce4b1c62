// The way from a sandbox to the gateway.
#pragma once

#include "settings.h"

namespace sandbox {

/// Listens on 127.0.0.1 of this network namespace, whose loopback it brings up; the socket keeps belonging to it wherever it is sent.
int listen_inside(int port);

/// Brings the loopback interface of this network namespace up.
void bring_loopback_up();

/// Carries bytes between connections to `listener` and the host's `target`, with the caller's rights on the host, until it is killed.
[[noreturn]] void relay(int listener, const std::string& target);

/// Throws when `target` is no address that `relay` can connect to.
void check_target(const std::string& target);

}  // namespace sandbox
