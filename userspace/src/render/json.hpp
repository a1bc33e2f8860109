// SPDX-License-Identifier: GPL-2.0-only
// Writes one JSON object, field after field. For objects that come now and then;
// the drops of a stream have their own writer in drop_json.*.
#pragma once

#include "model.hpp"
#include "util/escape.hpp"
#include "util/writer.hpp"

#include <cstdint>
#include <string_view>

namespace dropctl::render {

class JsonObject {
  public:
    /// An object inside another one, or in an array.
    explicit JsonObject(util::Writer &out) : out_(out) { out_.put('{'); }
    /// A line of its own: begins with "schema" and "type".
    JsonObject(util::Writer &out, std::string_view type);

    JsonObject &number(std::string_view key, uint64_t value);
    /// With three digits behind the point.
    JsonObject &decimal(std::string_view key, double value);
    JsonObject &boolean(std::string_view key, bool value);
    JsonObject &text(std::string_view key, std::string_view value);
    /// A string, or null if it is empty.
    JsonObject &text_or_null(std::string_view key, std::string_view value);
    JsonObject &null(std::string_view key);
    /// Something that is JSON already.
    JsonObject &raw(std::string_view key, std::string_view json);
    /// Only the key; the value is written by the caller.
    JsonObject &key(std::string_view key);
    void close() { out_.put('}'); }
    /// Close a line.
    void end_line();

  private:
    util::Writer &out_;
    bool first_ = true;
};

/// The object of losses by cause, as every type that tells of losses has it.
void append_json(util::Writer &out, const Loss &loss);

} // namespace dropctl::render
