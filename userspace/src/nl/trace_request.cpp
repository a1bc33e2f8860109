// SPDX-License-Identifier: GPL-2.0-only
#include "nl/trace_request.hpp"

#include <algorithm>
#include <span>

namespace dropctl::nl {

namespace {

// An attribute has 16 bits for its length.
constexpr size_t batch_bytes = 48 * 1024;

/// A number of programs, the length of each, padding, then all instructions: in words.
std::vector<uint64_t> pack(const std::vector<FetchProgram> &programs) {
    std::vector<uint32_t> head{static_cast<uint32_t>(programs.size())};
    for (const FetchProgram &program : programs) {
        head.push_back(static_cast<uint32_t>(program.size()));
    }
    if (head.size() % 2 != 0) {
        head.push_back(0);
    }
    std::vector<uint64_t> words(head.size() / 2);
    std::copy_n(reinterpret_cast<const uint8_t *>(head.data()), head.size() * sizeof(head[0]),
                reinterpret_cast<uint8_t *>(words.data()));
    for (const FetchProgram &program : programs) {
        for (const droptrace_insn &instruction : program) {
            static_assert(sizeof(instruction) == sizeof(uint64_t));
            uint64_t word = 0;
            std::copy_n(reinterpret_cast<const uint8_t *>(&instruction), sizeof(word),
                        reinterpret_cast<uint8_t *>(&word));
            words.push_back(word);
        }
    }
    return words;
}

/// Append parts of at most batch_bytes of one list.
template <typename Item>
void split(const std::vector<Item> &items, std::vector<Item> TracePoints::*list,
           std::vector<TracePoints> &batches) {
    const size_t most = batch_bytes / sizeof(Item);
    for (size_t at = 0; at < items.size(); at += most) {
        const auto begin = items.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most, items.size() - at));
        (batches.emplace_back().*list).assign(begin, end);
    }
}

} // namespace

void put_trace(Request &request, const TraceRequest &options) {
    if (!options.name.empty()) {
        request.put(DROPTRACE_A_TRACE_NAME, options.name);
    }
    if (!options.filters.empty()) {
        request.put_array<uint32_t>(DROPTRACE_A_TRACE_FILTERS, options.filters);
    }
    if (options.owned) {
        request.put_flag(DROPTRACE_A_TRACE_OWNED);
    }
    if (options.passing != 0) {
        request.put(DROPTRACE_A_TRACE_PASSING, options.passing);
    }
    if (options.path_size != 0) {
        request.put(DROPTRACE_A_TRACE_PATH_SIZE, options.path_size);
    }
    if (options.snaplen) {
        request.put(DROPTRACE_A_TRACE_SNAPLEN, *options.snaplen);
    }
    if (!options.spec.empty()) {
        request.put(DROPTRACE_A_TRACE_SPEC, options.spec);
    }
    if (options.expire != 0) {
        request.put(DROPTRACE_A_TRACE_EXPIRE, options.expire);
    }
    if (options.traps) {
        request.put_flag(DROPTRACE_A_TRACE_TRAPS);
    }
}

std::vector<TracePoints> split_points(const TracePoints &points) {
    std::vector<TracePoints> batches;
    size_t used = batch_bytes;
    for (const FetchProgram &program : points.programs) {
        const size_t size = (program.size() * sizeof(program[0])) + sizeof(uint64_t);
        if (used + size > batch_bytes) {
            batches.emplace_back();
            used = 0;
        }
        batches.back().programs.push_back(program);
        used += size;
    }
    split(points.frames, &TracePoints::frames, batches);
    split(points.points, &TracePoints::points, batches);
    return batches;
}

size_t points_space(const TracePoints &points) {
    size_t space = 256;
    for (const FetchProgram &program : points.programs) {
        space += (program.size() * sizeof(program[0])) + sizeof(uint64_t);
    }
    return space + (points.frames.size() * sizeof(points.frames[0])) +
           (points.points.size() * sizeof(points.points[0]));
}

void put_points(Request &request, uint32_t trace, const TracePoints &points) {
    request.put(DROPTRACE_A_TRACE_ID, trace);
    if (!points.frames.empty()) {
        request.put_array<droptrace_frame>(DROPTRACE_A_TRACE_FRAMES, points.frames);
    }
    if (!points.points.empty()) {
        request.put_array<droptrace_point>(DROPTRACE_A_TRACE_POINTS, points.points);
    }
    if (!points.programs.empty()) {
        const std::vector<uint64_t> words = pack(points.programs);
        request.put_array<uint64_t>(DROPTRACE_A_TRACE_PROGS, words);
    }
}

} // namespace dropctl::nl
