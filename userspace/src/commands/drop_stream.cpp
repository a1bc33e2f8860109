// SPDX-License-Identifier: GPL-2.0-only
#include "commands/drop_stream.hpp"

namespace dropctl::commands {

bool DropStream::event(const Event &event) {
    if (limit_reached()) {
        return true; // the rest, after --count, while the session comes to its end
    }
    if (out_.closed()) {
        return false;
    }
    renderer_.drop(event);
    ++shown_;
    return !limit_reached();
}

Loss DropStream::since_start(Loss loss) const {
    loss.recursion = loss.recursion > recursion_ ? loss.recursion - recursion_ : 0;
    return loss;
}

void DropStream::loss(const Loss &loss) {
    const Loss now = since_start(loss);
    if (now != lost_) {
        renderer_.loss(now, lost_);
        lost_ = now;
    }
}

void DropStream::end(const nl::SessionEnd &end) {
    // What was lost since the last report: cause 0 means that no totals came.
    if (end.cause != 0) {
        loss(end.loss);
    }
    end_ = end;
    end_->loss = lost_;
}

void DropStream::idle() {
    renderer_.idle();
    if (on_idle) {
        on_idle();
    }
}

} // namespace dropctl::commands
