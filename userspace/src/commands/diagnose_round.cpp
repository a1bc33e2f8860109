// SPDX-License-Identifier: GPL-2.0-only
#include "commands/diagnose_round.hpp"

namespace dropctl::commands {

bool RoundStream::event(const Event &event) {
    if (awaits_passed_) {
        return true;
    }
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
    const auto wants_more = [this] { return awaits_passed_ ? !passed_ : !limit_reached(); };
    if (trace_ != 0 && chunk.trace == trace_ && wants_more()) {
        assembler_.chunk(chunk);
    }
    return wants_more();
}

} // namespace dropctl::commands
