#include "confine.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sandbox {
namespace {

constexpr int InsideUser = 1000;

// Landlock's interface, as in linux/landlock.h of newer kernels.
constexpr long CreateRuleset = 444, AddRule = 445, RestrictSelf = 446;
constexpr uint64_t Execute = 1, WriteFile = 2, ReadFile = 4, ReadDir = 8, Refer = 1 << 13, Truncate = 1 << 14;
constexpr uint64_t FirstVersion = (1 << 13) - 1;
constexpr uint64_t ScopeAbstractSocketAndSignal = 3;
struct Ruleset {
    uint64_t files, network, scope;
};
struct __attribute__((packed)) PathRule {
    uint64_t allowed;
    int32_t folder;
};

void allow(int ruleset, const char* path, uint64_t rights) {
    PathRule rule{rights, open(path, O_PATH | O_CLOEXEC)};
    if (rule.folder < 0 || syscall(AddRule, ruleset, 1, &rule, 0) != 0) throw fault_of(std::string("Landlock rule of ") + path);
    close(rule.folder);
}

#if defined(__x86_64__)
constexpr uint32_t Architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t Architecture = AUDIT_ARCH_AARCH64;
#else
#error "forge-sandbox knows the system calls of x86-64 and AArch64 only"
#endif

constexpr uint32_t Refuse = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t Absent = SECCOMP_RET_ERRNO | ENOSYS;

// By number where headers may be too old to have the name; these are the same on every architecture.
constexpr int Clone3 = 435, OpenTree = 428, MoveMount = 429, FsOpen = 430, FsConfig = 431, FsMount = 432, FsPick = 433, PidfdGetFd = 438, MountSetAttr = 442,
              IoUringSetup = 425, IoUringEnter = 426, IoUringRegister = 427, ProcessMadvise = 440, QuotactlFd = 443, ListMount = 458, StatMount = 457;

constexpr int Refused[] = {
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, PidfdGetFd, ProcessMadvise,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, OpenTree, MoveMount, FsOpen, FsConfig, FsMount, FsPick, MountSetAttr, ListMount, StatMount,
    SYS_unshare, SYS_setns,
    SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct,
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, IoUringSetup, IoUringEnter, IoUringRegister, SYS_fanotify_init,
    SYS_keyctl, SYS_add_key, SYS_request_key,
    SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_vhangup,
    SYS_quotactl, QuotactlFd, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_lookup_dcookie, SYS_move_pages,
#if defined(__x86_64__)
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl,
#endif
};

constexpr int RefusedWithRlimits[] = {SYS_memfd_create, 447 /* memfd_secret */, SYS_shmget, SYS_msgget};

constexpr uint32_t Namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

class Filter {
public:
    void add(uint16_t code, uint32_t k, uint8_t yes = 0, uint8_t no = 0) { lines.push_back({code, yes, no, k}); }
    void load(uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
    void load_number() { load(offsetof(seccomp_data, nr)); }
    static constexpr uint32_t argument(int index) { return offsetof(seccomp_data, args) + 8 * index; }
    void end(uint32_t verdict) { add(BPF_RET | BPF_K, verdict); }
    void on_number(int number, uint32_t verdict) {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1);
        end(verdict);
    }
    void install() {
        sock_fprog program{static_cast<unsigned short>(lines.size()), lines.data()};
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) throw fault_of("installing the system call filter (seccomp)");
    }

private:
    std::vector<sock_filter> lines;
};

void refuse_namespaces_of_clone(Filter& filter) {
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
    filter.load(Filter::argument(0));
    filter.add(BPF_JMP | BPF_JSET | BPF_K, Namespaces, 0, 1);
    filter.end(Refuse);
    filter.load_number();
    // Its flags are in memory, which a filter can't read; the C library falls back to clone.
    filter.on_number(Clone3, Absent);
}

void allow_few_socket_families(Filter& filter) {
    for (const int call : {SYS_socket, SYS_socketpair}) {
        filter.add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 7);
        filter.load(Filter::argument(0));
        filter.add(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 4, 0);
        filter.add(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 3, 0);
        filter.add(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 2, 0);
        filter.add(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0);
        filter.end(SECCOMP_RET_ERRNO | EAFNOSUPPORT);
        filter.load_number();
    }
}

void refuse_typing_into_terminals(Filter& filter) {
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 5);
    filter.load(Filter::argument(1));
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0);
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1);
    filter.end(Refuse);
    filter.load_number();
}

}  // namespace

int landlock_version() {
    const auto version = syscall(CreateRuleset, nullptr, 0, 1);
    return version < 0 ? 0 : static_cast<int>(version);
}

void drop_privileges(bool change_user) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_DROP, capability) != 0) throw fault_of("dropping a capability from the bounding set");
    if (change_user && (setgroups(0, nullptr) != 0 || setresgid(InsideUser, InsideUser, InsideUser) != 0 || setresuid(InsideUser, InsideUser, InsideUser) != 0))
        throw fault_of("becoming the sandbox's user");
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0) throw fault_of("dropping capabilities");
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) throw fault_of("clearing ambient capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw fault_of("setting no_new_privs");
}

void apply_landlock(const std::string& own) {
    const auto version = landlock_version();
    if (version == 0) return;
    Ruleset rules{FirstVersion | (version >= 2 ? Refer : 0) | (version >= 3 ? Truncate : 0), 0, version >= 6 ? ScopeAbstractSocketAndSignal : 0};
    const size_t size = version >= 6 ? sizeof rules : version >= 4 ? offsetof(Ruleset, scope) : offsetof(Ruleset, network);
    const auto ruleset = static_cast<int>(syscall(CreateRuleset, &rules, size, 0));
    if (ruleset < 0) throw fault_of("making the Landlock rules");
    allow(ruleset, "/", Execute | ReadFile | ReadDir);
    for (const char* folder : {own.c_str(), "/tmp", "/dev/shm"}) allow(ruleset, folder, rules.files);
    allow(ruleset, "/dev", ReadFile | ReadDir | WriteFile | (rules.files & Truncate));
    if (syscall(RestrictSelf, ruleset, 0) != 0) throw fault_of("applying the Landlock rules");
    close(ruleset);
}

void apply_system_call_filter(bool bound_by_rlimits) {
    Filter filter;
    filter.load(offsetof(seccomp_data, arch));
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, Architecture, 1, 0);
    filter.end(SECCOMP_RET_KILL_PROCESS);
    filter.load_number();
#if defined(__x86_64__)
    filter.add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);  // the x32 calls are the same ones under other numbers
    filter.end(Absent);
#endif
    refuse_namespaces_of_clone(filter);
    allow_few_socket_families(filter);
    refuse_typing_into_terminals(filter);
    for (const int number : Refused) filter.on_number(number, Refuse);
    if (bound_by_rlimits)
        for (const int number : RefusedWithRlimits) filter.on_number(number, Refuse);
    filter.end(SECCOMP_RET_ALLOW);
    filter.install();
}

}  // namespace sandbox
