// SPDX-License-Identifier: GPL-2.0-only
#include "slice/memory_log.hpp"

#include <algorithm>

namespace dropctl::slice {

namespace {

constexpr uint32_t fixed_number = 1; ///< root of memory at fixed addresses
constexpr uint32_t per_cpu_number = 2;
/// How far an object may reach behind the address that was passed.
constexpr int64_t object_size = 256;
/// Stores looked at, at most.
constexpr size_t stores_looked_at = 4000;

} // namespace

MemoryPlace MemoryLog::place(NodeId base, int64_t displacement, bool segment) const {
    MemoryPlace place;
    place.segment = segment;
    if (base == no_value) {
        place.address.offset = displacement;
        place.number = segment ? per_cpu_number : fixed_number;
    } else {
        place.address = flow_.address(base);
        place.address.offset += displacement;
        const Node &root = flow_.nodes[place.address.root];
        place.number = root.number;
        if (root.kind == NodeKind::Constant) {
            place.number = segment ? per_cpu_number : fixed_number;
            place.address.offset += root.constant;
        }
    }
    if (!segment) {
        const auto root = place.number == fixed_number ? std::optional<uint64_t>(0)
                                                       : flow_.value(place.address.root);
        if (root) {
            place.absolute = *root + static_cast<uint64_t>(place.address.offset);
        }
    }
    return place;
}

void MemoryLog::store(const MemoryPlace &place, uint32_t bytes, NodeId value, EventId event) {
    const auto index = static_cast<uint32_t>(flow_.stores.size());
    flow_.stores.push_back(
        {.event = event, .address = place.address, .bytes = bytes, .value = value});
    absolute_.push_back(place.absolute);
    gone_.push_back(false);
    by_number_[place.number].push_back(index);
    if (place.absolute) {
        by_address_.push_back(index);
    }
}

void MemoryLog::pass(NodeId address, uint32_t call) {
    const Address at = flow_.address(address);
    if (at.root != no_value && flow_.nodes[at.root].kind != NodeKind::Constant) {
        passed_[flow_.nodes[at.root].number].push_back({.offset = at.offset, .call = call});
    }
}

void MemoryLog::leave(NodeId sp, size_t first) {
    const Address frame = flow_.address(sp);
    const uint32_t number = flow_.nodes[frame.root].number;
    for (size_t i = first; i < flow_.stores.size(); ++i) {
        const Address &at = flow_.stores[i].address;
        if (at.root != no_value && flow_.nodes[at.root].number == number &&
            at.offset < frame.offset) {
            gone_[i] = true;
        }
    }
}

MemoryLog::Found MemoryLog::last_store(const MemoryPlace &place, uint8_t bytes) const {
    Found best;
    const auto consider = [&](uint32_t index, int64_t into) {
        const auto size = static_cast<int64_t>(flow_.stores[index].bytes);
        if (into + bytes <= 0 || into >= size || gone_[index]) {
            return false;
        }
        if (best.store == code::no_index || index > best.store) {
            best = {.store = index, .into = into, .whole = into >= 0 && into + bytes <= size};
        }
        return true;
    };
    if (const auto found = by_number_.find(place.number); found != by_number_.end()) {
        size_t left = stores_looked_at;
        for (auto at = found->second.rbegin(); at != found->second.rend() && left-- > 0; ++at) {
            if (consider(*at, place.address.offset - flow_.stores[*at].address.offset)) {
                break;
            }
        }
    }
    if (place.absolute) {
        size_t left = stores_looked_at;
        for (auto at = by_address_.rbegin(); at != by_address_.rend() && left-- > 0; ++at) {
            if (best.store != code::no_index && *at <= best.store) {
                break;
            }
            if (consider(*at, static_cast<int64_t>(*place.absolute - *absolute_[*at]))) {
                break;
            }
        }
    }
    return best;
}

bool MemoryLog::is_stack(const MemoryPlace &place) const {
    if (place.address.root == no_value) {
        return false;
    }
    const Node &root = flow_.nodes[place.address.root];
    return root.kind == NodeKind::Entry && root.reg == code::rsp;
}

/// The call that wrote the place, as far as can be told from outside of it.
MemoryLog::Writer MemoryLog::writer(const MemoryPlace &place, const Found &found,
                                    uint8_t bytes) const {
    const auto passed = passed_.find(place.number);
    if (passed == passed_.end()) {
        return {};
    }
    const EventId after = found.store == code::no_index ? 0 : flow_.stores[found.store].event;
    // A value that was put away has a neighbour whose address was passed: only an
    // object that was set to begin with is taken for a part of what lies before it.
    const bool only_exact = is_stack(place) && found.store != code::no_index &&
                            flow_.nodes[flow_.stores[found.store].value].kind != NodeKind::Constant;
    Writer likely;
    for (auto at = passed->second.rbegin(); at != passed->second.rend(); ++at) {
        const CallEvent &call = flow_.calls[at->call];
        if (call.event < after) {
            break;
        }
        const int64_t into = place.address.offset - at->offset;
        if (into != 0 && (only_exact || into < 0 || into >= object_size)) {
            continue;
        }
        const code::Call &made =
            execution_.instances[flow_.events[call.event].instance].cfg().calls[call.call];
        const auto stores = knowledge_.stores(made, into, bytes);
        if (stores && *stores) {
            return {.call = at->call, .sure = true};
        }
        if (!stores && likely.call == code::no_index) {
            likely.call = at->call;
        }
    }
    return likely;
}

NodeId MemoryLog::part_of(const Found &found, uint8_t bytes, EventId event, uint32_t instance) {
    const StoreEvent &store = flow_.stores[found.store];
    NodeId value = store.value;
    const auto skipped = static_cast<uint8_t>(found.into);
    const bool is_fill = store.bytes > 8; // a loop of stores of the same
    if (is_fill) {
        const Node &filled = flow_.nodes[value];
        return filled.kind == NodeKind::Constant && filled.constant == 0
                   ? maker_.constant(0, bytes, filled.event, filled.instance)
                   : no_value;
    }
    if (skipped != 0) {
        const Node &all = flow_.nodes[value];
        if (all.kind == NodeKind::Constant) {
            return maker_.constant(all.constant >> (8 * skipped), bytes, all.event, all.instance);
        }
        Node shifted{.kind = NodeKind::Compute,
                     .operation = Opcode::ShiftRight,
                     .bytes = static_cast<uint8_t>(store.bytes),
                     .event = event,
                     .a = value,
                     .b = maker_.constant(8 * skipped, 1, event, instance),
                     .instance = instance};
        value = maker_.add(shifted);
    }
    return maker_.narrow(value, bytes, event, instance);
}

NodeId MemoryLog::load(const MemoryPlace &place, uint8_t bytes, EventId event, uint32_t instance) {
    const Found found = last_store(place, bytes);
    Node node{.kind = NodeKind::Load,
              .bytes = bytes,
              .segment = place.segment,
              .event = event,
              .a = place.address.root,
              .store = found.store,
              .instance = instance,
              .constant = place.address.offset};
    if (place.address.root != no_value &&
        flow_.nodes[place.address.root].kind == NodeKind::Constant) {
        node.a = no_value;
    }
    NodeId stored = found.whole ? part_of(found, bytes, event, instance) : no_value;
    if (stored != no_value && flow_.stores[found.store].event < gap_) {
        stored = maker_.add({.kind = NodeKind::Gap,
                             .bytes = flow_.nodes[stored].bytes,
                             .event = event,
                             .a = stored,
                             .instance = instance});
    }
    const auto [call, sure] = writer(place, found, bytes);
    if (call != code::no_index && (sure || is_stack(place))) {
        node.kind = NodeKind::OutParameter;
        node.a = stored;
        node.call = call;
        return maker_.add(node);
    }
    node.call = call;
    if (stored == no_value) {
        return maker_.add(node);
    }
    // What was put on the stack and is taken back is the same value: no node for it.
    if (is_stack(place)) {
        const Event &from = flow_.events[flow_.stores[found.store].event];
        if (from.instance == instance) {
            return stored;
        }
    }
    node.kind = NodeKind::Stored;
    node.a = stored;
    return maker_.add(node);
}

} // namespace dropctl::slice
