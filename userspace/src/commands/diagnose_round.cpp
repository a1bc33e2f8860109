// SPDX-License-Identifier: GPL-2.0-only
#include "commands/diagnose_round.hpp"

namespace dropctl::commands {

bool RoundStream::event(const Event &event) {
    if (event.time_ns < armed_ns_ || limit_reached()) {
        return !limit_reached();
    }
    if (trace_ == 0) {
        drop_ = event;
        count();
        return false;
    }
    if (event.context == 0) {
        ++elsewhere_;
    } else {
        assembler_.drop(event);
    }
    return true;
}

bool RoundStream::path(const PathChunk &chunk) {
    if (trace_ == 0 || chunk.trace != trace_ || limit_reached()) {
        return !limit_reached();
    }
    assembler_.chunk(chunk);
    return !limit_reached();
}

} // namespace dropctl::commands
