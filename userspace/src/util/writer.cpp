// SPDX-License-Identifier: GPL-2.0-only
#include "util/writer.hpp"

#include <algorithm>

namespace dropctl::util {

void Writer::grow(size_t size) {
    const size_t used = view().size();
    const size_t capacity = std::max(2 * static_cast<size_t>(end_ - begin_.get()), used + size);
    std::unique_ptr<char[]> larger(new char[capacity]);
    std::memcpy(larger.get(), begin_.get(), used);
    begin_ = std::move(larger);
    at_ = begin_.get() + used;
    end_ = begin_.get() + capacity;
}

} // namespace dropctl::util
