// SPDX-License-Identifier: GPL-2.0-only
// Expression in, program out: libpcap, then the rewriting.
#include "filter/compile.hpp"

#include "filter/complaint.hpp"
#include "filter/pcap_parser.hpp"

#include <linux/droptrace.h>

namespace dropctl::filter {

namespace {

Result<Program> compile_words(const std::string &expression) {
    if (expression.find_first_not_of(" \t\n") == std::string::npos) {
        return Program{};
    }
    if (expression.size() > DROPTRACE_EXPR_MAX) {
        return Error{"filter", "the expression is longer than " +
                                   std::to_string(DROPTRACE_EXPR_MAX) + " bytes"};
    }
    const Parsed parsed = parse(expression);
    if (!parsed.message.empty()) {
        return complain(expression, parsed.message);
    }
    return rewrite(parsed.program);
}

} // namespace

Result<Program> compile(const std::string &expression) {
    auto program = compile_words(expression);
    if (!program) {
        program.error().status = Exit::Usage;
    }
    return program;
}

} // namespace dropctl::filter
