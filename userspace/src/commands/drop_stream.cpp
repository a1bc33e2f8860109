// SPDX-License-Identifier: GPL-2.0-only
#include "commands/drop_stream.hpp"

namespace dropctl::commands {

bool DropStream::event(const Event &event) {
    if (limit_reached()) {
        return true; // the rest, after --count, while the session comes to its end
    }
    if (closed()) {
        return false;
    }
    renderer_.drop(event);
    count();
    if (on_path) {
        assembler_.drop(event);
    }
    return !limit_reached();
}

bool DropStream::path(const PathChunk &chunk) {
    if (!on_path || limit_reached()) {
        return true;
    }
    if (closed()) {
        return false;
    }
    assembler_.chunk(chunk);
    return !limit_reached();
}

void DropStream::gone(const PointsGone &gone) {
    if (on_gone) {
        on_gone(gone);
    }
}

void DropStream::whole(const trace::RawPath &path) {
    renderer_.idle(); // what came before it stands before it
    for (uint64_t packets = on_path(path); packets != 0; --packets) {
        ++paths_;
        count();
    }
}

} // namespace dropctl::commands
