// SPDX-License-Identifier: GPL-2.0-only
#include "commands/counted_stream.hpp"

namespace dropctl::commands {

Loss CountedStream::since_start(Loss loss) const {
    loss.recursion = loss.recursion > recursion_ ? loss.recursion - recursion_ : 0;
    return loss;
}

void CountedStream::loss(const Loss &loss) {
    const Loss now = since_start(loss);
    if (now != lost_) {
        tell_loss(now, lost_);
        lost_ = now;
    }
}

void CountedStream::end(const nl::SessionEnd &end) {
    // What was lost since the last report: cause 0 means that no totals came.
    if (end.cause != 0) {
        loss(end.loss);
    }
    end_ = end;
    end_->loss = lost_;
}

void CountedStream::idle() {
    rest();
    if (on_idle) {
        on_idle();
    }
}

} // namespace dropctl::commands
