#include "inside.h"

#include "confine.h"
#include "limits.h"
#include "relay.h"
#include "root_view.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sandbox {
namespace {

constexpr int LinkBroken = 1;

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

void tell(int link, const Message& message, int descriptor = -1) {
    iovec part{const_cast<Message*>(&message), sizeof message};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof descriptor)] = {};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (descriptor >= 0) {
        header.msg_control = room;
        header.msg_controllen = sizeof room;
        auto* control = CMSG_FIRSTHDR(&header);
        control->cmsg_level = SOL_SOCKET;
        control->cmsg_type = SCM_RIGHTS;
        control->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(control), &descriptor, sizeof descriptor);
    }
    if (sendmsg(link, &header, MSG_NOSIGNAL) < 0) _exit(LinkBroken);
}

void prefer_as_victim() {
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    // Best effort: it only decides who goes first when the host itself runs out of memory.
    if (write(file, "500", 3) < 0) errno = 0;
    close(file);
}

[[noreturn]] void run_program(const Settings& settings, bool bound_memory) {
    try {
        setsid();
        apply_rlimits(settings, bound_memory);
    } catch (const Fault& fault) {
        fprintf(stderr, "forge-sandbox: %s\n", fault.what());
        _exit(126);
    }
    syscall(SYS_close_range, 3u, ~0u, 0u);
    if (settings.probe) _exit(0);
    execvp(settings.program[0], settings.program.data());
    const int code = errno == ENOENT ? 127 : 126;
    fprintf(stderr, "forge-sandbox: cannot run '%s': %s\n", settings.program[0], strerror(errno));
    _exit(code);
}

int reap_until(pid_t program) {
    for (;;) {
        int status = 0;
        const auto ended = waitpid(-1, &status, 0);
        if (ended == program) return status;
        if (ended < 0 && errno != EINTR) return 0;
    }
}

std::vector<int> prepare(const Settings& settings, bool change_user, bool bound_memory) {
    // /proc/1/cmdline would tell the host's paths.
    for (char* word : settings.options) memset(word, 0, strlen(word));
    if (sethostname("sandbox", 7) != 0) throw fault_of("naming the sandbox");
    bring_loopback_up();
    std::vector<int> listeners;
    for (const auto& forward : settings.forwards) listeners.push_back(listen_inside(forward.port));
    enter_root_view(settings);
    prefer_as_victim();
    drop_privileges(change_user);
    if (chdir(settings.inside.c_str()) != 0) throw fault_of("entering " + settings.inside);
    apply_landlock(settings.inside);
    apply_system_call_filter(!bound_memory);
    // A change of user takes these back, so they come last.
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return listeners;
}

}  // namespace

void be_first_process(const Settings& settings, int link, bool change_user, bool bound_memory) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    Message message{};
    if (recv(link, &message, sizeof message, 0) != sizeof message) _exit(LinkBroken);
    try {
        message.kind = Message::Listening;
        for (const int listener : prepare(settings, change_user, bound_memory)) {
            tell(link, message, listener);
            close(listener);
            message.status++;
        }
        const auto program = fork();
        if (program == 0) run_program(settings, bound_memory);
        if (program < 0) throw fault_of("starting the program");
        message.kind = Message::Ended;
        message.status = reap_until(program);
        tell(link, message);
    } catch (const Fault& fault) {
        message.kind = Message::Failed;
        snprintf(message.text, sizeof message.text, "%s", fault.what());
        tell(link, message);
    }
    _exit(0);
}

}  // namespace sandbox
