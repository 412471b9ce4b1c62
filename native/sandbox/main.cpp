// forge-sandbox: runs one program shut in, and ends with all that it started. docs/sandbox.md says what is promised.
//
//   caller ── forge-sandbox (host: limits, clock, report) ── first process inside (reaps, drops everything) ── the program
//                      └── relay (host's rights, the sandbox's listening socket) ── gateway
//
// When the first process of a pid namespace ends, the kernel ends all others; it ends when the program does, when the time is over,
// and when forge-sandbox or its caller are gone.
#include "report.h"
#include "supervisor.h"

#include <cstdio>

int main(int count, char** words) {
    sandbox::Settings settings;
    try {
        settings = sandbox::parse(count, words);
        return sandbox::supervise(settings);
    } catch (const sandbox::Fault& fault) {
        sandbox::report_fault(settings, fault.what());
        return sandbox::FaultCode;
    }
}
