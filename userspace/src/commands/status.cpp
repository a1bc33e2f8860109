// SPDX-License-Identifier: GPL-2.0-only
// dropctl status: is the module in, what is armed, what was lost.
#include "commands/commands.hpp"
#include "render/status_text.hpp"

#include <sys/utsname.h>
#include <unistd.h>

namespace dropctl::commands {

namespace {

Result<render::Report> ask(nl::Client &client, const std::string &kernel) {
    const auto status = client.status();
    if (!status) {
        return status.error();
    }
    const auto sessions = client.sessions();
    if (!sessions) {
        return sessions.error();
    }
    return render::Report{.kernel = kernel, .status = *status, .sessions = *sessions};
}

} // namespace

Result<Exit> status(const StatusOptions & /*options*/, Context &context) {
    utsname system{};
    uname(&system);
    util::Writer line;
    auto client = context.connect();
    if (!client) {
        if (context.options.json) {
            // It may be loaded and of another version.
            const bool loaded = access("/sys/module/droptrace", F_OK) == 0;
            render::append_json_unloaded(line, system.release, loaded, client.error().why);
            context.out.write(line.view());
        }
        return client.error();
    }
    const auto report = ask(**client, system.release);
    if (!report) {
        return report.error();
    }
    if (context.options.json) {
        render::append_json(line, *report);
        context.out.write(line.view());
    } else {
        context.out.write(render::status_text(*report));
    }
    return Exit::Done;
}

} // namespace dropctl::commands
