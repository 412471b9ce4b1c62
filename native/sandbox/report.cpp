#include "report.h"

#include "confine.h"

#include <csignal>
#include <cstdio>
#include <sys/wait.h>

namespace sandbox {
namespace {

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') result += '\\';
        result += static_cast<unsigned char>(letter) < 0x20 ? ' ' : letter;
    }
    return result + "\"";
}

void publish(const Settings& settings, const std::string& json) {
    if (settings.probe) puts(json.c_str());
    if (settings.report.empty()) return;
    FILE* file = fopen(settings.report.c_str(), "we");
    const bool written = file != nullptr && fputs(json.c_str(), file) >= 0;
    if (file == nullptr || fclose(file) != 0 || !written) fprintf(stderr, "forge-sandbox: %s\n", fault_of("writing " + settings.report).what());
}

const char* name_of(End end, int status) {
    switch (end) {
        case End::TimedOut: return "timed_out";
        case End::Stopped: return "stopped";
        case End::Lost: return "lost";
        default: return WIFSIGNALED(status) ? "signalled" : "exited";
    }
}

}  // namespace

int report_end(const Settings& settings, const ControlGroups& groups, End end, int status) {
    const int code = end == End::Ended && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    const int signal = end == End::Ended ? (WIFSIGNALED(status) ? WTERMSIG(status) : 0) : SIGKILL;
    publish(settings, "{\"end\":" + quoted(name_of(end, status)) + ",\"code\":" + std::to_string(code) + ",\"signal\":" + std::to_string(signal)
        + ",\"memory_kills\":" + std::to_string(groups.memory_kills()) + ",\"memory_peak\":" + std::to_string(groups.memory_peak())
        + ",\"refused_processes\":" + std::to_string(groups.refused_processes()) + ",\"memory_by\":" + quoted(groups.memory_by())
        + ",\"processes_by\":" + quoted(groups.processes_by()) + ",\"landlock\":" + std::to_string(landlock_version()) + "}\n");
    return signal == 0 ? code : 128 + signal;
}

void report_fault(const Settings& settings, const std::string& message) {
    fprintf(stderr, "forge-sandbox: %s\n", message.c_str());
    publish(settings, "{\"end\":\"fault\",\"message\":" + quoted(message) + "}\n");
}

}  // namespace sandbox
