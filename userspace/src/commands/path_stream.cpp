// SPDX-License-Identifier: GPL-2.0-only
#include "commands/path_stream.hpp"

namespace dropctl::commands {

bool PathStream::event(const Event &event) {
    if (event.context == 0) {
        if (event.time_ns < armed_ns_) {
            return true; // while the points were being armed
        }
        ++elsewhere_;
        elsewhere_location_ = event.location;
    } else {
        assembler_.drop(event);
    }
    return true;
}

bool PathStream::path(const PathChunk &chunk) {
    if (limit_reached()) {
        return true; // the rest, after --count, while the session comes to its end
    }
    if (closed()) {
        return false;
    }
    assembler_.chunk(chunk);
    return !limit_reached();
}

void PathStream::gone(const PointsGone &gone) {
    on_gone(gone);
}

void PathStream::whole(const trace::RawPath &path) {
    for (trace::ReportedPath &report : resolver_.resolve(path)) {
        if (limit_reached()) {
            return;
        }
        show(report);
        count();
    }
}

} // namespace dropctl::commands
