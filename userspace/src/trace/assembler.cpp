// SPDX-License-Identifier: GPL-2.0-only
#include "trace/assembler.hpp"

namespace dropctl::trace {

namespace {

// Contexts that can be under way at a time: CPUs, levels and pending packets, amply.
constexpr size_t most_open = 4096;

} // namespace

void Assembler::forget_oldest() {
    if (open_.size() >= most_open) {
        // With drops alone it is no path that was lost, only one that was not kept.
        broken_ += open_.begin()->second.next != 0 ? 1 : 0;
        open_.erase(open_.begin());
    }
}

void Assembler::drop(const Event &event) {
    if (event.context == 0) {
        return;
    }
    forget_oldest();
    open_[event.context].path.drops.push_back(event);
}

void Assembler::chunk(const PathChunk &chunk) {
    if (chunk.chunk == 0) {
        forget_oldest();
    }
    const auto found =
        chunk.chunk == 0 ? open_.try_emplace(chunk.context).first : open_.find(chunk.context);
    if (found == open_.end() || found->second.next != chunk.chunk) {
        ++broken_;
        if (found != open_.end()) {
            open_.erase(found);
        }
        return;
    }
    Open &open = found->second;
    ++open.next;
    open.bytes.insert(open.bytes.end(), chunk.steps.begin(), chunk.steps.end());
    RawPath &path = open.path;
    path.trace = chunk.trace;
    path.context = chunk.context;
    path.flags |= chunk.flags;
    if (chunk.packet) {
        path.packet = *chunk.packet;
        path.time_ns = chunk.time_ns;
    }
    if ((chunk.flags & DROPTRACE_PATH_LAST) == 0) {
        return;
    }
    const bool sound = read_steps(open.bytes, path.steps);
    RawPath whole = std::move(path);
    open_.erase(found);
    if (!sound) {
        ++broken_;
        return;
    }
    whole_(std::move(whole));
}

} // namespace dropctl::trace
