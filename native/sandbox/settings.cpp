#include "settings.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <map>
#include <set>

namespace sandbox {

Fault fault_of(const std::string& what) { return Fault(what + ": " + strerror(errno)); }

namespace {

long long number(const std::string& option, const std::string& text, long long least, long long most) {
    const auto refuse = [&] {
        return Fault(option + " takes a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", not '" + text + "'");
    };
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) throw refuse();
    const auto value = std::stoll(text);
    if (value < least || value > most) throw refuse();
    return value;
}

std::string absolute(const std::string& option, const std::string& text) {
    if (text.empty() || text[0] != '/' || (text + "/").find("/../") != std::string::npos)
        throw Fault(option + " takes an absolute path without '..', not '" + text + "'");
    return text;
}

Bind bind_of(const std::string& option, const std::string& text) {
    const auto cut = text.find('=');
    const auto source = absolute(option, text.substr(0, cut));
    return {source, cut == std::string::npos ? source : absolute(option, text.substr(cut + 1))};
}

Forward forward_of(const std::string& option, const std::string& text) {
    const auto cut = text.find('=');
    if (cut == std::string::npos) throw Fault(option + " takes PORT=/socket or PORT=ADDRESS:PORT, not '" + text + "'");
    return {static_cast<int>(number(option, text.substr(0, cut), 1, 65535)), text.substr(cut + 1)};
}

}  // namespace

Settings parse(int count, char** words) {
    constexpr long long most_bytes = 1ll << 50;
    Settings settings;
    const std::map<std::string, std::function<void(const std::string&, const std::string&)>> options = {
        {"--folder", [&](auto& o, auto& v) { settings.folder = absolute(o, v); }},
        {"--at", [&](auto& o, auto& v) { settings.inside = absolute(o, v); }},
        {"--read-only", [&](auto& o, auto& v) { settings.read_only.push_back(bind_of(o, v)); }},
        {"--forward", [&](auto& o, auto& v) { settings.forwards.push_back(forward_of(o, v)); }},
        {"--report", [&](auto& o, auto& v) { settings.report = absolute(o, v); }},
        {"--memory", [&](auto& o, auto& v) { settings.memory = number(o, v, 16 << 20, most_bytes); }},
        {"--tmp", [&](auto& o, auto& v) { settings.tmp = number(o, v, 1 << 16, most_bytes); }},
        {"--file", [&](auto& o, auto& v) { settings.file = number(o, v, 1, most_bytes); }},
        {"--processes", [&](auto& o, auto& v) { settings.processes = number(o, v, 2, 100'000); }},
        {"--open-files", [&](auto& o, auto& v) { settings.open_files = number(o, v, 16, 1'000'000); }},
        {"--cpu-seconds", [&](auto& o, auto& v) { settings.cpu_seconds = number(o, v, 0, 10'000'000); }},
        {"--wall-ms", [&](auto& o, auto& v) { settings.wall_ms = number(o, v, 1, INT_MAX); }},
        {"--uid", [&](auto& o, auto& v) { settings.uid = number(o, v, 1, 4'000'000'000ll); }},
        {"--cgroups", [&](auto& o, auto& v) { settings.cgroups = number(o, v, 0, 1) == 1; }},
    };
    std::set<std::string> seen;
    int at = 1;
    for (; at < count && std::string(words[at]) != "--"; at++) {
        const std::string option = words[at];
        if (option == "--probe") {
            settings.probe = true;
            continue;
        }
        const auto known = options.find(option);
        if (known == options.end()) throw Fault("there is no option '" + option + "'; the program to run stands after --");
        if (!seen.insert(option).second && option != "--read-only" && option != "--forward") throw Fault(option + " is given twice");
        if (++at >= count) throw Fault(option + " needs a value");
        known->second(option, words[at]);
    }
    settings.options.assign(words, words + std::min(at, count));
    for (at++; at < count; at++) settings.program.push_back(words[at]);
    if (settings.probe != settings.program.empty()) throw Fault("give either --probe, or a program after --");
    if (settings.folder.empty() && !settings.probe) throw Fault("--folder is missing: the folder that is writable inside");
    settings.program.push_back(nullptr);
    return settings;
}

}  // namespace sandbox
