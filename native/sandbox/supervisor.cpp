#include "supervisor.h"

#include "inside.h"
#include "limits.h"
#include "relay.h"
#include "report.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <ftw.h>
#include <list>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sandbox {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int InsideUser = 1000;
constexpr long long Nobody = 65534;

std::string first_word_of(const char* file) {
    std::string word;
    std::ifstream(file) >> word;
    return word;
}

Fault no_namespaces(int error) {
    const auto reason = std::string("user namespaces cannot be made here (") + strerror(error) + "): ";
    if (first_word_of("/proc/sys/user/max_user_namespaces") == "0") return Fault(reason + "user.max_user_namespaces is 0; raise it with sysctl");
    if (geteuid() != 0 && first_word_of("/proc/sys/kernel/unprivileged_userns_clone") == "0")
        return Fault(reason + "kernel.unprivileged_userns_clone is 0; set it to 1 with sysctl, or run as root");
    if (geteuid() != 0 && first_word_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1")
        return Fault(reason + "AppArmor restricts them (kernel.apparmor_restrict_unprivileged_userns is 1); give forge-sandbox a profile with 'userns', or set it to 0");
    return Fault(reason + "a seccomp or security profile of this container or service refuses clone(CLONE_NEWUSER); allow it (docker: --security-opt seccomp=unconfined)");
}

void put(const std::string& file, const std::string& text) {
    const int handle = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (handle < 0 || write(handle, text.data(), text.size()) != static_cast<ssize_t>(text.size())) throw fault_of("writing " + file);
    close(handle);
}

bool is_mapped(long long user) {
    std::ifstream map("/proc/self/uid_map");
    for (long long inside, outside, count; map >> inside >> outside >> count;)
        if (user >= inside && user < inside + count) return true;
    return false;
}

// Root lends the sandbox another user, so that root's own files are not the sandbox's; 0 when there is none to lend.
long long lent_user(const Settings& settings) {
    if (geteuid() != 0) return 0;
    for (const long long user : {settings.uid, Nobody})
        if (user > 0 && is_mapped(user)) return user;
    throw Fault("root runs the sandbox as another user, and this user namespace maps neither " + std::to_string(settings.uid) + " nor 65534; "
        "map one (/etc/subuid), or start Forge as an ordinary user");
}

void map_users(pid_t child, long long lent) {
    const auto folder = "/proc/" + std::to_string(child);
    const auto inside = std::to_string(InsideUser) + " ";
    if (lent == 0) {
        put(folder + "/setgroups", "deny");
        put(folder + "/uid_map", inside + std::to_string(geteuid()) + " 1\n");
        put(folder + "/gid_map", inside + std::to_string(getegid()) + " 1\n");
        return;
    }
    // Root inside is needed to walk to the folders and to mount; nothing runs as it.
    put(folder + "/uid_map", "0 0 1\n" + inside + std::to_string(lent) + " 1\n");
    put(folder + "/gid_map", "0 0 1\n" + inside + std::to_string(lent) + " 1\n");
}

uid_t new_owner;

int give(const char* path, const struct stat* found, int, FTW*) {
    return found->st_uid == new_owner ? 0 : lchown(path, new_owner, new_owner);
}

void give_folder(const std::string& folder, long long user) {
    new_owner = static_cast<uid_t>(user);
    if (!folder.empty() && nftw(folder.c_str(), give, 32, FTW_PHYS | FTW_MOUNT) != 0) throw fault_of("giving " + folder + " to user " + std::to_string(user));
}

pid_t start_first_process(const Settings& settings, int link, int other_end, bool change_user, bool bound_memory) {
    constexpr unsigned long kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    const auto child = static_cast<pid_t>(syscall(SYS_clone, kinds | SIGCHLD, 0, 0, 0, 0));
    if (child < 0) throw no_namespaces(errno);
    if (child == 0) {
        close(other_end);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        be_first_process(settings, link, change_user, bound_memory);
    }
    return child;
}

// Ends a child whatever happens in between; the end of a namespace's first process is over when nothing runs in it any more.
struct Child {
    pid_t process = -1;

    ~Child() { end(); }
    void end() {
        if (process <= 0) return;
        kill(process, SIGKILL);
        while (waitpid(process, nullptr, 0) < 0 && errno == EINTR) {}
        process = -1;
    }
};

// Reads a message and the descriptor that may come with it; false when the other side is gone.
bool hear(int link, Message& message, int& descriptor) {
    iovec part{&message, sizeof message};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof descriptor)] = {};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = room;
    header.msg_controllen = sizeof room;
    if (recvmsg(link, &header, MSG_CMSG_CLOEXEC) != sizeof message) return false;
    if (const auto* control = CMSG_FIRSTHDR(&header); control != nullptr && control->cmsg_type == SCM_RIGHTS)
        memcpy(&descriptor, CMSG_DATA(control), sizeof descriptor);
    message.text[sizeof message.text - 1] = 0;
    return true;
}

pid_t start_relay(int listener, int link, const std::string& target) {
    const auto child = fork();
    if (child < 0) throw fault_of("starting the relay to the gateway");
    if (child > 0) return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(link);
    for (int standard = 0; standard <= 2; standard++) close(standard);
    relay(listener, target);
}

// What may end the waiting: the inside, the caller's end, a signal to stop, the clock.
End wait_for_end(int link, int parent, int signals, const Settings& settings, std::list<Child>& relays, int& status) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(settings.wall_ms);
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        pollfd watch[] = {{link, POLLIN, 0}, {parent, POLLIN, 0}, {signals, POLLIN, 0}};
        const int ready = left <= 0 ? 0 : poll(watch, 3, static_cast<int>(left));
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return End::TimedOut;
        if (!watch[0].revents) return End::Stopped;
        Message message{};
        int listener = -1;
        if (!hear(link, message, listener)) return End::Lost;
        if (message.kind == Message::Failed) throw Fault(message.text);
        if (message.kind == Message::Ended) {
            status = message.status;
            return End::Ended;
        }
        relays.emplace_back();
        relays.back().process = start_relay(listener, link, settings.forwards.at(static_cast<size_t>(message.status)).target);
        close(listener);
    }
}

int stop_signals() {
    sigset_t stops;
    sigemptyset(&stops);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&stops, number);
    sigprocmask(SIG_BLOCK, &stops, nullptr);
    return signalfd(-1, &stops, SFD_CLOEXEC);
}

}  // namespace

int supervise(const Settings& settings) {
    const int parent = getppid() > 1 ? static_cast<int>(syscall(434 /* pidfd_open */, getppid(), 0)) : -1;
    const int signals = stop_signals();
    for (const auto& forward : settings.forwards) check_target(forward.target);
    const ControlGroups groups(settings);
    if (!groups.bound_memory()) share_of(settings);
    struct stat found {};
    if (!settings.probe && (stat(settings.folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))) throw Fault("there is no folder " + settings.folder);
    const auto lent = lent_user(settings);
    if (lent != 0) give_folder(settings.folder, lent);
    int link[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) != 0) throw fault_of("making the link to the sandbox");
    const auto first = start_first_process(settings, link[1], link[0], lent != 0, groups.bound_memory());
    close(link[1]);
    Child sandboxed{first};
    std::list<Child> relays;
    groups.add(first);
    map_users(first, lent);
    Message go{};
    go.kind = Message::Go;
    if (send(link[0], &go, sizeof go, MSG_NOSIGNAL) < 0) throw fault_of("starting the sandbox");
    int status = 0;
    const auto end = wait_for_end(link[0], parent, signals, settings, relays, status);
    sandboxed.end();
    return report_end(settings, groups, end, status);
}

}  // namespace sandbox
