// SPDX-License-Identifier: GPL-2.0-only
// The search itself. The criterion is one of three, each in a file of its own:
// why was this block reached (tracer.cpp), why has this value been (explain.cpp),
// why was it this constant (constant.cpp). Internal to slice/.
#pragma once

#include "slice/dataflow.hpp"
#include "slice/definitions.hpp"
#include "slice/slicer.hpp"
#include "slice/ways.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace dropctl::slice {

/// A branch that was executed, and another way that would have been better.
struct Candidate {
    uint32_t visit = 0;
    EventId event = no_event;
    BlockIndex alternative = code::no_index;
    BlockIndex taken = code::no_index;
};

/// Where a value is looked at.
struct Use {
    size_t instance = no_instance;
    EventId event = no_event;         ///< none: it is what the instance returned
    std::optional<Location> location; ///< that holds it before the event
    uint8_t bytes = 4;                ///< that are looked at
};

class Tracer {
  public:
    Tracer(const Execution &execution, const Knowledge &knowledge, const SliceLimits &limits);

    Answer run();

  private:
    // Why was this block reached (tracer.cpp).
    void reached(size_t instance, uint32_t visit);
    void freed_elsewhere();
    bool called_by_pointer(size_t instance);
    void need_places(NodeId read, const StoreEvent &store);
    void up(size_t instance);
    [[nodiscard]] std::vector<bool> freeing_blocks(size_t instance, uint32_t visit) const;
    using Better = std::function<bool(BlockIndex alternative, uint32_t visit)>;
    [[nodiscard]] std::vector<Candidate> candidates(size_t instance, uint32_t from, uint32_t to,
                                                    const Better &better) const;
    /// Choose one, put the step into the chain, and explain what it tested.
    /// `until`: the visit that the question is about.
    bool decide(size_t instance, uint32_t until, std::vector<Candidate> from);
    bool patched(size_t instance, uint32_t visit, const std::vector<bool> &freeing);
    void doubt_gaps(size_t instance, uint32_t from, uint32_t until);
    /// The same for a branch that is known.
    bool decide_at(EventId event);
    bool listed_by(size_t instance, uint32_t visit, const std::vector<Candidate> &tests);

    // Which of them says most (choose.cpp).
    [[nodiscard]] size_t choose(size_t instance, const std::vector<Candidate> &from) const;
    [[nodiscard]] size_t first_of_same(const std::vector<Candidate> &from) const;
    [[nodiscard]] size_t not_mended(size_t instance, const std::vector<Candidate> &from) const;
    [[nodiscard]] bool returned_error(const Candidate &candidate) const;
    [[nodiscard]] bool is_error(NodeId value) const;
    [[nodiscard]] bool is_limit(size_t instance, const Candidate &candidate) const;
    [[nodiscard]] bool is_no_decision(const Candidate &candidate) const;
    [[nodiscard]] bool tests_freed(NodeId value) const;
    [[nodiscard]] bool is_given(NodeId value) const;
    [[nodiscard]] size_t more_telling(size_t instance, const std::vector<Candidate> &from) const;
    [[nodiscard]] bool turns_on_call(const Candidate &candidate) const;

    // Why had this value been (explain.cpp). False: nothing more to be said of it, what
    // tested it has decided; `ended_` says why.
    bool condition(size_t instance, EventId event, NodeId flags, Condition condition);
    bool explain_flags(NodeId flags, size_t instance);
    bool explain(NodeId node, Use use);
    bool explain_result(const Node &node, const Use &use);
    bool explain_unrecorded(const Node &node);
    bool explain_out_parameter(const Node &node);
    void need_stores(const CallEvent &call);
    bool explain_store(const Node &node, const Use &use);
    bool explain_settled(NodeId id, size_t index);
    bool explain_tested(NodeId id, size_t index);
    bool explain_argument(const Node &node, const Use &use);
    bool explain_select(NodeId id, const Use &use);
    bool explain_computed(NodeId id, const Use &use);
    bool leaf(const Node &node);
    /// The node that a value comes from in the end, with nothing put into the chain.
    [[nodiscard]] NodeId resolve(NodeId id) const;
    [[nodiscard]] bool leads_somewhere(NodeId id) const;
    [[nodiscard]] bool doubles(const Node &node) const;
    [[nodiscard]] Use input_of(const Node &node, uint8_t bytes) const;

    // Why was it this constant (constant.cpp).
    bool constant(const Node &node, const Use &use);
    [[nodiscard]] Reaching reaching(const Node &node, const Use &use) const;
    [[nodiscard]] size_t ended_search(size_t instance, const std::vector<Candidate> &from,
                                      const std::vector<BlockIndex> &good) const;
    [[nodiscard]] bool was_unsettled(size_t instance, const Candidate &late, const Candidate &early,
                                     const std::vector<bool> &same) const;

    // Steps (step.cpp).
    [[nodiscard]] Step step_at(EventId event, Why why) const;
    [[nodiscard]] Step condition_step(EventId event, NodeId flags, Condition condition) const;
    void improve_line(Step &step, NodeId flags) const;
    void add_comparison(Step &step, NodeId flags, Condition condition) const;
    [[nodiscard]] TestedValue tested(NodeId node, const Operand &operand, EventId event,
                                     uint8_t bytes) const;
    [[nodiscard]] Origin origin(NodeId node) const;
    void add_loop(Step &step, BlockIndex alternative) const;
    void add_call(Step &step, uint32_t call) const;
    void also_who_asked();
    void add_also(Step step);
    void add_also(size_t instance, const std::vector<Candidate> &from);
    void need(Need need);
    void need_function(const CallEvent &call, bool blocks);
    void need_values(const Step &step);
    void doubt(const std::string &why);
    void end(Ended ended) { answer_.ended = ended; }
    void finish();

    [[nodiscard]] const Instance &instance(size_t index) const {
        return execution_.instances[index];
    }
    [[nodiscard]] const Definitions &definitions(size_t instance) const;
    [[nodiscard]] uint64_t address_of(EventId event) const {
        return flow_.instruction(execution_, event).address;
    }
    [[nodiscard]] bool too_long() const { return answer_.chain.size() >= limits_.steps; }

    const Execution &execution_;
    const Knowledge &knowledge_;
    const SliceLimits limits_;
    Dataflow flow_;
    Answer answer_;
    std::vector<Step> later_also_;        ///< of functions further up the chain
    uint32_t free_call_ = code::no_index; ///< index into Dataflow::calls
    mutable std::map<const Listing *, std::unique_ptr<Definitions>> definitions_;
};

} // namespace dropctl::slice
