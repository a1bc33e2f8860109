// SPDX-License-Identifier: GPL-2.0-only
// Fetch programs from trees of nodes: instructions, registers, jumps.
#pragma once

#include "values/compile.hpp"
#include "values/node.hpp"
#include "values/operand.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dropctl::values {

class Generator {
  public:
    /// Begin a value. A fault in it goes on with the next one.
    void begin_item(uint16_t number);
    void end_item();
    /// Forget the value that was begun.
    void drop_item();

    /// The value of a node into a register. Higher ones are used on the way.
    void value(const NodePtr &node, unsigned reg);

    /// Append to the value what an operand has, laid out as `item` says. Takes registers
    /// from 0 on.
    void output(const Operand &operand, const Item &item, const struct Layouts &layouts);
    void walk(const Walk &walk, unsigned most, const Item &item, const struct Layouts &layouts);

    /// The program, ended.
    std::vector<droptrace_insn> take();
    /// Something did not fit: too many registers, a jump too far.
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool empty() const { return program_.empty(); }

  private:
    size_t emit(droptrace_op op, unsigned dst = 0, unsigned src = 0, int32_t imm = 0,
                int16_t off = 0);
    size_t jump(droptrace_op op, unsigned reg = 0) { return emit(op, reg); }
    void land(size_t jump);
    void jump_back(size_t to);
    void number(int64_t value, unsigned reg);
    void binary(const Node &node, unsigned reg);
    void logical(const Node &node, unsigned reg);
    void choose(const Node &node, unsigned reg);
    void memory(const NodePtr &address, uint64_t size);
    void parts(const Operand &operand, uint64_t size);
    void followed(const Operand &operand, const Item &item, const struct Layouts &layouts);

    std::vector<droptrace_insn> program_;
    size_t item_ = 0; ///< where the value was begun
    bool failed_ = false;
    unsigned top_ = 16; ///< registers from here on are taken
};

/// Where the parts are of what pointers lead to.
struct Layouts {
    int64_t device_name = -1;   ///< struct net_device: name
    int64_t packet_length = -1; ///< struct sk_buff: len
};

/// Bytes of a name that is taken along with a pointer.
constexpr int32_t device_name_size = 16;
constexpr int32_t text_most = 128;

} // namespace dropctl::values
