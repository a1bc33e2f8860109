// SPDX-License-Identifier: GPL-2.0-only
// Reads the names of drop reasons from the format file of the kfree_skb
// tracepoint and from BTF.
#include "symbols/reasons.hpp"

#include "symbols/btf_enums.hpp"
#include "util/near_names.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>

namespace dropctl::symbols {

namespace {

using Names = std::map<uint32_t, std::string>;

constexpr std::string_view core_enum = "skb_drop_reason";
constexpr std::string_view subsystem_enum = "skb_drop_reason_subsys";
constexpr unsigned subsystem_shift = 16;

constexpr std::string_view core_prefix = "SKB_DROP_REASON_";

/// What the kernel prints: no prefix for the core ones.
std::string short_name(std::string_view name) {
    if (name.starts_with(core_prefix)) {
        name.remove_prefix(core_prefix.size());
    }
    return std::string(name);
}

/// Whether an enumerator is a reason, not a bound or a mask.
bool is_reason(std::string_view name, uint32_t value) {
    return value != 0 && name != "MAX" && !name.ends_with("_MAX") && name != "SUBSYS_MASK" &&
           !name.empty();
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::optional<std::string> first_file(const std::vector<std::string> &paths) {
    for (const std::string &path : paths) {
        std::ifstream file(path);
        std::string text{std::istreambuf_iterator<char>(file), {}};
        if (!text.empty()) {
            return text;
        }
    }
    return std::nullopt;
}

/// The pairs `{ 2, "NO_SOCKET" }` of __print_symbolic(); numbers may be
/// hexadecimal. Nothing if there is a reason but no list.
std::optional<Names> names_of_format(std::string_view format) {
    Names names;
    if (format.find(" reason;") == std::string_view::npos) {
        return names;
    }
    size_t at = format.find("__print_symbolic(REC->reason");
    while (at != std::string_view::npos && (at = format.find('{', at)) != std::string_view::npos) {
        const size_t open = format.find('"', at);
        const size_t close = open == std::string_view::npos ? open : format.find('"', open + 1);
        if (close == std::string_view::npos) {
            break;
        }
        std::string_view digits = format.substr(at + 1, open - at - 1);
        digits.remove_prefix(std::min(digits.find_first_not_of(" ("), digits.size()));
        const int base = digits.starts_with("0x") ? 16 : 10;
        digits.remove_prefix(base == 16 ? 2 : 0);
        uint32_t number = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
        const std::string name = short_name(format.substr(open + 1, close - open - 1));
        if (error == std::errc{} && is_reason(name, number)) {
            names.emplace(number, name);
        }
        at = close;
    }
    return names.empty() ? std::nullopt : std::optional(std::move(names));
}

Names core_names(const BtfBlob &vmlinux) {
    Names names;
    for (const BtfEnum &found :
         vmlinux.enums([](std::string_view name) { return name == core_enum; })) {
        for (const BtfEnum::Value &value : found.values) {
            // Others are SKB_NOT_DROPPED_YET and SKB_CONSUMED.
            const std::string name = short_name(value.name);
            if (value.name.starts_with(core_prefix) && is_reason(name, value.value)) {
                names.emplace(value.value, name);
            }
        }
    }
    return names;
}

/// A subsystem's number and a guess at the module that has its enum:
/// SKB_DROP_REASON_SUBSYS_MAC80211_UNUSABLE is in mac80211.
std::map<uint32_t, std::string> subsystems(const BtfBlob &vmlinux) {
    constexpr std::string_view prefix = "SKB_DROP_REASON_SUBSYS_";
    std::map<uint32_t, std::string> modules;
    for (const BtfEnum &found :
         vmlinux.enums([](std::string_view name) { return name == subsystem_enum; })) {
        for (const BtfEnum::Value &value : found.values) {
            if (value.value != 0 && value.name.starts_with(prefix)) {
                const std::string name = lower(value.name.substr(prefix.size()));
                modules.emplace(value.value, name.substr(0, name.find('_')));
            }
        }
    }
    return modules;
}

/// Names of one subsystem or more, from any enum whose name ends like theirs.
void add_names(const BtfBlob &blob, const BtfBlob *base,
               const std::map<uint32_t, std::string> &known, Names &names) {
    const auto ours = [](std::string_view name) {
        return name != core_enum && name.ends_with("drop_reason");
    };
    for (const BtfEnum &found : blob.enums(ours, base)) {
        for (const BtfEnum::Value &value : found.values) {
            // mac80211 has every name twice, once with underscores before it.
            const size_t letter = value.name.find_first_not_of('_');
            const std::string name = short_name(
                std::string_view(value.name).substr(std::min(letter, value.name.size())));
            if (known.contains(value.value >> subsystem_shift) && is_reason(name, value.value) &&
                !name.ends_with("_DROP_REASON")) {
                names.emplace(value.value, name);
            }
        }
    }
}

} // namespace

Result<Reasons> Reasons::load(ReasonSources sources) {
    if (const auto format = first_file(sources.formats)) {
        if (auto names = names_of_format(*format)) {
            return Reasons(std::move(*names), std::move(sources));
        }
    }
    if (const auto vmlinux = BtfBlob::read(sources.btf + "/vmlinux")) {
        return Reasons(core_names(*vmlinux), std::move(sources));
    }
    return Error{.what = "drop reasons",
                 .why = "neither " + sources.formats.front() + " nor " + sources.btf +
                        "/vmlinux can be read",
                 .hint = "be root, and have tracefs mounted: "
                         "mount -t tracefs tracefs /sys/kernel/tracing"};
}

void Reasons::read_subsystems() const {
    if (all_known_) {
        return;
    }
    all_known_ = true;
    const auto vmlinux = BtfBlob::read(sources_.btf + "/vmlinux");
    if (!vmlinux) {
        return;
    }
    const auto known = subsystems(*vmlinux);
    if (known.empty()) {
        return;
    }
    add_names(*vmlinux, nullptr, known, names_);
    for (const auto &[number, module] : known) {
        if (const auto blob = BtfBlob::read(sources_.btf + "/" + module)) {
            add_names(*blob, &*vmlinux, known, names_);
        }
    }
}

std::string Reasons::name(uint32_t reason) const {
    const auto known = names_.find(reason);
    if (known != names_.end()) {
        return known->second;
    }
    if ((reason >> subsystem_shift) == 0 || all_known_) {
        return {};
    }
    read_subsystems();
    return name(reason);
}

std::optional<uint32_t> Reasons::number(const std::string &name) const {
    const std::string wanted = short_name(upper(name));
    const auto search = [&]() {
        return std::find_if(names_.begin(), names_.end(),
                            [&](const auto &entry) { return entry.second == wanted; });
    };
    auto found = search();
    if (found == names_.end() && !all_known_) {
        read_subsystems();
        found = search();
    }
    return found == names_.end() ? std::nullopt : std::optional(found->first);
}

std::vector<std::string> Reasons::similar(const std::string &name, size_t most) const {
    read_subsystems();
    util::NearNames near{short_name(upper(name)), most};
    for (const auto &[number, known] : names_) {
        near.offer(known);
    }
    return near.take();
}

const std::map<uint32_t, std::string> &Reasons::all() const {
    read_subsystems();
    return names_;
}

} // namespace dropctl::symbols
