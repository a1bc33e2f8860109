// SPDX-License-Identifier: GPL-2.0-only
// Follows names of contents through the program, blocks being in topological
// order, and replaces instructions by cheaper ones or none.
#include "filter/shorten.hpp"

#include <array>
#include <optional>

namespace dropctl::filter {

namespace {

struct Names {
    Name a;
    Name x;
    std::array<Name, BPF_MEMWORDS> memory;
};

Name constant(uint32_t k) {
    return {.kind = Name::Kind::Constant, .k = k};
}

bool is_constant(const Name &name) {
    return name.kind == Name::Kind::Constant;
}

/// Arithmetic on constants; none where the kernel would not run it.
std::optional<uint32_t> calculate(unsigned operation, uint32_t left, uint32_t right) {
    switch (operation) {
    case BPF_ADD:
        return left + right;
    case BPF_SUB:
        return left - right;
    case BPF_MUL:
        return left * right;
    case BPF_AND:
        return left & right;
    case BPF_OR:
        return left | right;
    case BPF_XOR:
        return left ^ right;
    case BPF_LSH:
        return right < 32 ? std::optional(left << right) : std::nullopt;
    case BPF_RSH:
        return right < 32 ? std::optional(left >> right) : std::nullopt;
    default:
        return std::nullopt;
    }
}

/// May X, a constant, be written into the instruction? The kernel refuses
/// divisions by 0 and shifts that are too wide at load time.
bool fits_operand(unsigned operation, uint32_t k) {
    switch (operation) {
    case BPF_DIV:
    case BPF_MOD:
        return k != 0;
    case BPF_LSH:
    case BPF_RSH:
        return k < 32;
    default:
        return true;
    }
}

bool is_neutral(unsigned operation, uint32_t k) {
    return k == 0 && (operation == BPF_ADD || operation == BPF_SUB || operation == BPF_OR ||
                      operation == BPF_XOR || operation == BPF_LSH || operation == BPF_RSH);
}

class Propagation {
  public:
    explicit Propagation(Graph &graph) : graph_(graph), entry_(graph.size()) {}

    std::vector<Name> run();

  private:
    /// The instruction's successor, if it is still needed.
    std::optional<sock_filter> step(sock_filter insn);
    std::optional<sock_filter> load(sock_filter insn);
    std::optional<sock_filter> load_x(sock_filter insn);
    std::optional<sock_filter> calculation(sock_filter insn);
    std::optional<sock_filter> store(sock_filter insn, const Name &from);
    /// `to` gets what `from` has; nothing to do if it had it before.
    static std::optional<sock_filter> copy(sock_filter insn, Name &to, const Name &from);
    void decide(Block &block);
    void leave(size_t to);
    void meet(Name &mine, const Name &other);
    Name unknown() { return {.kind = Name::Kind::Unknown, .k = ++unknowns_}; }

    Graph &graph_;
    std::vector<std::optional<Names>> entry_;
    Names now_;
    uint32_t unknowns_ = 0;
};

std::vector<Name> Propagation::run() {
    std::vector<Name> tested(graph_.size());
    Names start;
    for (Name *name : {&start.a, &start.x}) {
        *name = unknown();
    }
    for (Name &cell : start.memory) {
        cell = unknown();
    }
    entry_[destination(graph_, 0)] = start;
    for (size_t i = 0; i < graph_.size(); ++i) {
        if (!entry_[i]) {
            continue;
        }
        now_ = *entry_[i];
        Block &block = graph_[i];
        std::vector<sock_filter> body;
        for (const sock_filter &insn : block.body) {
            if (const auto kept = step(insn)) {
                body.push_back(*kept);
            }
        }
        block.body = std::move(body);
        decide(block);
        tested[i] = now_.a;
        if (!block.returns()) {
            leave(block.when_true);
        }
        if (block.compares()) {
            leave(block.when_false);
        }
    }
    return tested;
}

void Propagation::decide(Block &block) {
    if (!block.compares()) {
        return;
    }
    if (BPF_SRC(block.end.code) == BPF_X && is_constant(now_.x)) {
        block.end = instruction(BPF_JMP | BPF_OP(block.end.code) | BPF_K, now_.x.k);
    }
    if (BPF_SRC(block.end.code) == BPF_X || !is_constant(now_.a)) {
        return;
    }
    const uint32_t a = now_.a.k;
    const uint32_t k = block.end.k;
    const auto operation = BPF_OP(block.end.code);
    const bool holds = operation == BPF_JEQ   ? a == k
                       : operation == BPF_JGT ? a > k
                       : operation == BPF_JGE ? a >= k
                                              : (a & k) != 0;
    block.end = instruction(BPF_JMP | BPF_JA);
    block.when_true = holds ? block.when_true : block.when_false;
}

void Propagation::meet(Name &mine, const Name &other) {
    if (mine != other) {
        mine = unknown();
    }
}

void Propagation::leave(size_t to) {
    auto &entry = entry_[destination(graph_, to)];
    if (!entry) {
        entry = now_;
        return;
    }
    meet(entry->a, now_.a);
    meet(entry->x, now_.x);
    for (size_t i = 0; i < now_.memory.size(); ++i) {
        meet(entry->memory[i], now_.memory[i]);
    }
}

std::optional<sock_filter> Propagation::copy(sock_filter insn, Name &to, const Name &from) {
    if (to == from) {
        return std::nullopt;
    }
    to = from;
    return insn;
}

std::optional<sock_filter> Propagation::store(sock_filter insn, const Name &from) {
    return copy(insn, now_.memory[insn.k], from);
}

std::optional<sock_filter> Propagation::step(sock_filter insn) {
    switch (BPF_CLASS(insn.code)) {
    case BPF_LD:
        return load(insn);
    case BPF_LDX:
        return load_x(insn);
    case BPF_ST:
        return store(insn, now_.a);
    case BPF_STX:
        return store(insn, now_.x);
    case BPF_ALU:
        return calculation(insn);
    default:
        return BPF_MISCOP(insn.code) == BPF_TAX ? copy(insn, now_.x, now_.a)
                                                : copy(insn, now_.a, now_.x);
    }
}

std::optional<sock_filter> Propagation::load(sock_filter insn) {
    switch (BPF_MODE(insn.code)) {
    case BPF_IMM:
        return copy(insn, now_.a, constant(insn.k));
    case BPF_MEM: {
        const Name cell = now_.memory[insn.k];
        return copy(is_constant(cell) ? instruction(BPF_LD | BPF_IMM, cell.k) : insn, now_.a, cell);
    }
    case BPF_ABS:
    case BPF_LEN:
        return copy(insn, now_.a, {.kind = Name::Kind::Load, .code = insn.code, .k = insn.k});
    default:
        now_.a = unknown();
        return insn;
    }
}

std::optional<sock_filter> Propagation::load_x(sock_filter insn) {
    switch (BPF_MODE(insn.code)) {
    case BPF_IMM:
        return copy(insn, now_.x, constant(insn.k));
    case BPF_MEM: {
        const Name cell = now_.memory[insn.k];
        if (is_constant(cell)) {
            insn = instruction(BPF_LDX | BPF_IMM, cell.k);
        } else if (cell == now_.a) {
            insn = instruction(BPF_MISC | BPF_TAX);
        }
        return copy(insn, now_.x, cell);
    }
    default: // BPF_MSH
        return copy(insn, now_.x, {.kind = Name::Kind::Load, .code = insn.code, .k = insn.k});
    }
}

std::optional<sock_filter> Propagation::calculation(sock_filter insn) {
    const auto operation = BPF_OP(insn.code);
    if (operation == BPF_NEG) {
        now_.a = unknown();
        return insn;
    }
    if (BPF_SRC(insn.code) == BPF_X && is_constant(now_.x) && fits_operand(operation, now_.x.k)) {
        insn = instruction(BPF_ALU | operation | BPF_K, now_.x.k);
    }
    const bool with_constant = BPF_SRC(insn.code) == BPF_K;
    if (with_constant && is_neutral(operation, insn.k)) {
        return std::nullopt;
    }
    if (with_constant && operation == BPF_AND && insn.k == 0) { // a netmask's empty part
        now_.a = constant(0);
        return instruction(BPF_LD | BPF_IMM, 0);
    }
    if (with_constant && is_constant(now_.a)) {
        if (const auto result = calculate(operation, now_.a.k, insn.k)) {
            now_.a = constant(*result);
            return instruction(BPF_LD | BPF_IMM, *result);
        }
    }
    now_.a = unknown();
    return insn;
}

} // namespace

std::vector<Name> propagate(Graph &graph) {
    return Propagation(graph).run();
}

} // namespace dropctl::filter
