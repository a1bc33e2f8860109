// SPDX-License-Identifier: GPL-2.0-only
// Parses the command line, runs the command, turns an Error into text and exit
// status. Nothing else happens here.
#include "cli.hpp"
#include "commands/commands.hpp"
#include "util/output.hpp"
#include "util/standard_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <unistd.h>

namespace {

using dropctl::Error;

int report(dropctl::util::Output &err, const Error &error) {
    err.write(
        fmt::format("dropctl: {}{}{}\n", error.what, error.what.empty() ? "" : ": ", error.why));
    if (!error.hint.empty()) {
        err.write(fmt::format("hint: {}\n", error.hint));
    }
    err.flush();
    return static_cast<int>(error.status);
}

int run(int argc, char **argv, dropctl::util::Output &out, dropctl::util::Output &err) {
    auto invocation = dropctl::parse_command_line(argc, argv);
    if (!invocation) {
        return report(err, invocation.error());
    }
    dropctl::commands::Context context{.options = invocation->global, .out = out, .err = err};
    auto result = dropctl::commands::run(invocation->command, context);
    out.flush();
    if (!result) {
        return report(err, result.error());
    }
    // A reader that has gone (| head) is no failure, a full disk is.
    if (out.error() != 0 && out.error() != EPIPE) {
        return report(err, Error{"stdout", std::strerror(out.error())});
    }
    return static_cast<int>(*result);
}

} // namespace

int main(int argc, char **argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const bool stdout_open = dropctl::util::fill_standard_files();
    dropctl::util::Output out(STDOUT_FILENO);
    dropctl::util::Output err(STDERR_FILENO);
    if (!stdout_open) {
        return report(err, Error{"stdout", "is closed", "> /dev/null, if nothing is wanted"});
    }
    try {
        return run(argc, argv, out, err);
    } catch (const std::exception &exception) {
        return report(err, Error{"internal error", exception.what()});
    }
}
