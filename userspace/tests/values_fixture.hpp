// SPDX-License-Identifier: GPL-2.0-only
// A small object with debug information to read values from, built with the
// compiler at hand, and memory that a test makes up.
#pragma once

#include "symbols/kernel_image.hpp"
#include "symbols_fixture.hpp"
#include "values/compile.hpp"
#include "values/location.hpp"
#include "values/machine.hpp"
#include "values/value.hpp"
#include "values/variable.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace dropctl::test {

/// What can be read: objects of the test at their own addresses, and numbers anywhere.
class FakeMemory {
  public:
    template <typename Object> void add(const Object &object) {
        add(reinterpret_cast<uint64_t>(&object), &object, sizeof(object));
    }
    void add(uint64_t address, const void *bytes, size_t size) {
        for (size_t i = 0; i < size; i++) {
            bytes_[address + i] = static_cast<const char *>(bytes)[i];
        }
    }
    template <typename Number> void put(uint64_t address, Number number) {
        add(address, &number, sizeof(number));
    }
    bool read(uint64_t address, void *to, size_t size) const {
        for (size_t i = 0; i < size; i++) {
            const auto found = bytes_.find(address + i);
            if (found == bytes_.end()) {
                return false;
            }
            static_cast<char *>(to)[i] = found->second;
        }
        return true;
    }

  private:
    std::map<uint64_t, char> bytes_;
};

template <typename Object> uint64_t address_of(const Object &object) {
    return reinterpret_cast<uint64_t>(&object);
}

/// The object, linked like a kernel.
class SmallObject {
  public:
    static SmallObject &get() {
        static SmallObject object;
        return object;
    }
    [[nodiscard]] bool built() const { return image_ != nullptr; }
    [[nodiscard]] uint64_t address(const std::string &name) const { return symbols_.at(name); }
    [[nodiscard]] values::Place place(const std::string &name) const {
        return {
            .image = {.image = image_.get(), .bias = 0}, .module = {}, .address = address(name)};
    }
    values::Types types{values::TypeOptions{.btf = "/nonexistent"}};

  private:
    SmallObject() {
        const std::string file = (directory_.path() / "object").string();
        const std::string command =
            "gcc -g -O2 -ffreestanding -fno-pic -fcf-protection=none -mno-red-zone "
            "-fno-asynchronous-unwind-tables -fno-ipa-icf -fno-ipa-sra -fno-ipa-ra -mcmodel=kernel "
            "-nostdlib "
            "-static -no-pie "
            "-Wl,-e,sink -Wl,--unique=.data..percpu -Wl,-Ttext=0xffffffff81000000 -o " +
            file + " " DROPCTL_TEST_DATA "/values_object.c 2>&1";
        if (!run(command)) {
            return;
        }
        std::istringstream lines(run("nm " + file).value_or(""));
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string digits;
            std::string type;
            std::string name;
            if (words >> digits >> type >> name && digits.size() == 16) {
                symbols_[name] = std::stoull(digits, nullptr, 16);
            }
        }
        image_ = symbols::KernelImage::open(file);
    }

    TemporaryDirectory directory_;
    std::map<std::string, uint64_t> symbols_;
    std::unique_ptr<symbols::KernelImage> image_;
};

/// Compiles expressions at a place and runs them.
struct Reader {
    values::Types &types;
    values::Place place;
    values::MachineState state{};
    FakeMemory memory{};
    values::PointContext context{};
    std::vector<values::Complaint> complaints{};
    size_t instructions = 0;
    size_t steps = 0;

    std::vector<values::Value> values(const std::vector<std::string> &texts) {
        std::vector<values::Expression> expressions;
        for (const std::string &text : texts) {
            auto parsed = values::Expression::parse(text);
            if (!parsed) {
                return {{.data = {}, .text = "parse: " + parsed.error().why, .note = {}}};
            }
            expressions.push_back(std::move(*parsed));
        }
        values::Compiled compiled = values::compile(types, place, expressions, context);
        complaints = compiled.complaints;
        items = compiled.point.items;
        instructions = compiled.point.program.size();
        std::vector<values::Value> found;
        if (compiled.point.program.empty()) {
            return found;
        }
        if (const auto wrong = values::verify(compiled.point.program); !wrong.empty()) {
            return {{.data = {}, .text = "verify: " + wrong, .note = {}}};
        }
        state.read = [this](uint64_t address, void *to, size_t size) {
            return memory.read(address, to, size);
        };
        const auto result = values::run(compiled.point.program, state);
        steps = result.steps;
        for (const auto &each : result.items) {
            found.push_back(
                values::decode(types, compiled.point.items[each.item], each.status, each.bytes));
        }
        return found;
    }
    /// Text of one value, or what was complained of.
    std::string text(const std::string &expression) {
        const auto found = values({expression});
        if (!found.empty()) {
            return found.front().text;
        }
        return complaints.empty() ? "nothing" : "error: " + complaints.front().why;
    }
    std::string json(const std::string &expression) {
        const auto found = values({expression});
        util::Writer out;
        if (!found.empty()) {
            append_json(out, found.front());
        }
        return std::string(out.view());
    }
    std::string hint(const std::string &expression) {
        values({expression});
        return complaints.empty() ? "" : complaints.front().hint;
    }
    /// Put a value where the program finds a variable: in its register, here or at the
    /// entry. False: it is in none.
    bool set(const std::string &name, uint64_t value) {
        for (const values::Variable &variable : values::variables_at(types, place)) {
            if (variable.name != name || variable.hidden) {
                continue;
            }
            for (unsigned number = 0; number < 16; number++) {
                const std::string reg = values::register_name(number);
                if (variable.where == "in " + reg) {
                    state.registers[number] = value;
                    return true;
                }
                if (variable.where == reg + " at entry") {
                    state.arguments[number] = value;
                    return true;
                }
            }
        }
        return false;
    }

    std::vector<values::Item> items{};
};

} // namespace dropctl::test
