#include "root_view.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sandbox {
namespace {

constexpr char Old[] = "/old";
constexpr char New[] = "/new";

// As in linux/mount.h, which older headers lack or which disagrees with sys/mount.h.
struct MountAttributes {
    uint64_t set, clear, propagation, user_namespace;
};
constexpr uint64_t ReadOnly = 1, NoSuid = 2, NoDev = 4;
constexpr unsigned Recursive = 0x8000;
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

void restrict(const std::string& path, uint64_t flags) {
    MountAttributes attributes{flags, 0, 0, 0};
    if (syscall(SYS_mount_setattr, AT_FDCWD, path.c_str(), Recursive, &attributes, sizeof attributes) != 0)
        throw fault_of("restricting the mount " + path + " (mount_setattr, Linux 5.12 or newer)");
}

void make_folders(const std::string& path) {
    for (size_t at = 1; at != std::string::npos;) {
        at = path.find('/', at + 1);
        const auto part = path.substr(0, at);
        if (mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) throw fault_of("making the folder " + part);
    }
}

void make_file(const std::string& path, const std::string& text = "") {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0 || write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) throw fault_of("making " + path);
    close(file);
}

void mount_new(const char* kind, const std::string& at, unsigned long flags, const std::string& options) {
    make_folders(at);
    if (mount(kind, at.c_str(), kind, flags, options.c_str()) != 0) throw fault_of(std::string("mounting ") + kind + " at " + at.substr(sizeof New - 1));
}

// Mounts a folder or file of the host; a symbolic link of the host (as /bin is on merged systems) stays one when `keep_links`.
void bind(const std::string& source, const std::string& target, bool keep_links) {
    const auto from = Old + source, to = New + target;
    struct stat found {};
    if (lstat(from.c_str(), &found) != 0) throw fault_of("finding " + source);
    make_folders(to.substr(0, to.rfind('/')));
    if (S_ISLNK(found.st_mode) && keep_links) {
        char text[4096];
        const auto size = readlink(from.c_str(), text, sizeof text - 1);
        if (size < 0 || symlink(std::string(text, static_cast<size_t>(size)).c_str(), to.c_str()) != 0) throw fault_of("repeating the link " + source);
        return;
    }
    if (S_ISLNK(found.st_mode)) throw Fault(source + " is a symbolic link; give the place that it names");
    if (S_ISDIR(found.st_mode)) {
        make_folders(to);
    } else {
        make_file(to);
    }
    if (mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) throw fault_of("mounting " + source);
}

void bind_read_only(const std::string& source, const std::string& target, bool keep_links) {
    bind(source, target, keep_links);
    struct stat made {};
    if (lstat((New + target).c_str(), &made) == 0 && !S_ISLNK(made.st_mode)) restrict(New + target, ReadOnly | NoSuid | NoDev);
}

bool exists(const std::string& source) {
    struct stat found {};
    return lstat((Old + source).c_str(), &found) == 0;
}

void make_system() {
    for (const std::string folder : {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"})
        if (exists(folder)) bind_read_only(folder, folder, true);
}

// Only what programs need to start, find certificates and know the time: not the host's configuration.
void make_etc() {
    const std::string etc = std::string(New) + "/etc";
    make_folders(etc);
    make_file(etc + "/passwd", "root:x:0:0:root:/:/bin/sh\nagent:x:1000:1000:agent:/work:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
    make_file(etc + "/group", "root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n");
    make_file(etc + "/hosts", "127.0.0.1 localhost sandbox\n");
    make_file(etc + "/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
    for (const std::string name : {"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
             "/etc/pki/tls/certs", "/etc/localtime", "/etc/terminfo", "/etc/mime.types", "/etc/protocols", "/etc/services"})
        if (exists(name)) bind_read_only(name, name, true);
}

void make_devices(const Settings& settings) {
    const std::string dev = std::string(New) + "/dev";
    mount_new("tmpfs", dev, MS_NOSUID | MS_NOEXEC, "mode=755,size=65536");
    for (const std::string name : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}) bind(name, name, false);
    const char* links[][2] = {{"/proc/self/fd", "/fd"}, {"/proc/self/fd/0", "/stdin"}, {"/proc/self/fd/1", "/stdout"}, {"/proc/self/fd/2", "/stderr"}};
    for (const auto& link : links)
        if (symlink(link[0], (dev + link[1]).c_str()) != 0) throw fault_of(std::string("making /dev") + link[1]);
    mount_new("tmpfs", dev + "/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=" + std::to_string(settings.tmp));
}

// A pid namespace's own /proc. Where parts of the host's are covered (as in most containers), the kernel refuses a new one.
void make_proc() {
    const std::string proc = std::string(New) + "/proc";
    make_folders(proc);
    if (mount("proc", proc.c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
        if (errno == EPERM)
            throw Fault("the kernel refuses a /proc of our own, because parts of this one are covered (this is a container?): "
                "start it with an unmasked /proc (docker: --security-opt systempaths=unconfined; Kubernetes: procMount: Unmasked)");
        throw fault_of("mounting /proc");
    }
}

void pivot(const char* root, const char* old) {
    if (chdir(root) != 0 || syscall(SYS_pivot_root, ".", old) != 0 || chdir("/") != 0) throw fault_of("changing the root folder");
}

}  // namespace

void enter_root_view(const Settings& settings) {
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw fault_of("making mounts private");
    // The first change of root keeps the whole host at /old, so that no source is hidden by what is being built.
    if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1048576") != 0) throw fault_of("mounting a tmpfs over /tmp");
    if (mkdir("/tmp/old", 0755) != 0 || mkdir("/tmp/new", 0755) != 0) throw fault_of("making /tmp/old");
    pivot("/tmp", "old");
    mount_new("tmpfs", New, MS_NOSUID | MS_NODEV, "mode=755,size=1048576");
    make_system();
    make_etc();
    make_devices(settings);
    make_proc();
    mount_new("tmpfs", std::string(New) + "/tmp", MS_NOSUID | MS_NODEV, "mode=1777,size=" + std::to_string(settings.tmp));
    for (const auto& extra : settings.read_only) bind_read_only(extra.source, extra.target, false);
    if (settings.folder.empty()) {
        make_folders(New + settings.inside);
    } else {
        bind(settings.folder, settings.inside, false);
        restrict(New + settings.inside, NoSuid | NoDev);
    }
    // The second one leaves nothing behind: the old root is stacked below the new one and taken away.
    if (chdir(New) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        throw fault_of("leaving the host's root");
    if (mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0) throw fault_of("making the root read-only");
    if (mount(nullptr, "/dev", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, nullptr) != 0) throw fault_of("making /dev read-only");
}

}  // namespace sandbox
