// SPDX-License-Identifier: GPL-2.0-only
#include "nl/filter_request.hpp"

#include <linux/droptrace.h>

namespace dropctl::nl {

namespace {

void put_match(Request &request, const Filter &filter) {
    const auto text = [&request](int attribute, const std::string &value) {
        if (!value.empty()) {
            request.put(attribute, value);
        }
    };
    text(DROPTRACE_A_FILTER_NAME, filter.name);
    text(DROPTRACE_A_FILTER_EXPR, filter.expr);
    text(DROPTRACE_A_FILTER_INNER_EXPR, filter.inner_expr);
    text(DROPTRACE_A_FILTER_DEV, filter.dev);
    text(DROPTRACE_A_FILTER_FUNCTION, filter.function);
    if (filter.netns != 0) {
        request.put(DROPTRACE_A_FILTER_NETNS, filter.netns);
    }
    if (filter.mark) {
        request.put(DROPTRACE_A_FILTER_MARK, *filter.mark);
        request.put(DROPTRACE_A_FILTER_MARK_MASK, filter.mark_mask);
    }
    if (!filter.reasons.empty()) {
        request.put_array<uint32_t>(DROPTRACE_A_FILTER_REASONS, filter.reasons);
    }
}

void put_limits(Request &request, const Filter &filter) {
    if (filter.snaplen) {
        request.put(DROPTRACE_A_FILTER_SNAPLEN, *filter.snaplen);
    }
    if (filter.rate != 0) {
        request.put(DROPTRACE_A_FILTER_RATE, filter.rate);
    }
    if (filter.count != 0) {
        request.put(DROPTRACE_A_FILTER_COUNT, filter.count);
    }
    if (filter.exclude) {
        request.put_flag(DROPTRACE_A_FILTER_EXCLUDE);
    }
    if (filter.owned) {
        request.put_flag(DROPTRACE_A_FILTER_OWNED);
    }
}

void put_programs(Request &request, const FilterPrograms &programs) {
    if (!programs.prog.empty()) {
        request.put_array<sock_filter>(DROPTRACE_A_FILTER_PROG, programs.prog);
    }
    if (!programs.inner_prog.empty()) {
        request.put_array<sock_filter>(DROPTRACE_A_FILTER_INNER_PROG, programs.inner_prog);
    }
    if (!programs.ranges.empty()) {
        request.put_array<std::pair<uint64_t, uint64_t>>(DROPTRACE_A_FILTER_RANGES,
                                                         programs.ranges);
    }
}

} // namespace

size_t filter_space(const Filter &filter, const FilterPrograms &programs) {
    const size_t numbers = 1024; // and the headers and padding of everything
    return numbers + ((programs.prog.size() + programs.inner_prog.size()) * sizeof(sock_filter)) +
           (programs.ranges.size() * sizeof(programs.ranges[0])) +
           (filter.reasons.size() * sizeof(filter.reasons[0])) + filter.expr.size() +
           filter.inner_expr.size() + filter.function.size();
}

void put_filter(Request &request, const Filter &filter, const FilterPrograms &programs) {
    put_match(request, filter);
    put_limits(request, filter);
    put_programs(request, programs);
}

} // namespace dropctl::nl
