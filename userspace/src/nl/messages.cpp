// SPDX-License-Identifier: GPL-2.0-only
#include "nl/messages.hpp"

#include <linux/genetlink.h>

#include <algorithm>

namespace dropctl::nl {

namespace {

void read_extack(Bytes bytes, Answer &answer) {
    Attributes attributes(bytes);
    Attribute attribute;
    while (attributes.next(attribute)) {
        switch (attribute.type) {
        case NLMSGERR_ATTR_MSG:
            answer.text = read_string(attribute.data);
            break;
        case NLMSGERR_ATTR_OFFS:
            static_cast<void>(read(attribute.data, answer.offset));
            break;
        case NLMSGERR_ATTR_MISS_TYPE:
            static_cast<void>(read(attribute.data, answer.missing));
            break;
        default:
            break;
        }
    }
}

} // namespace

uint8_t Message::command() const {
    return payload.size() < GENL_HDRLEN ? uint8_t{0} : payload[offsetof(genlmsghdr, cmd)];
}

Bytes Message::attributes() const {
    return payload.size() < GENL_HDRLEN ? Bytes{} : payload.subspan(GENL_HDRLEN);
}

bool Messages::next(Message &message) {
    if (left_.size() < sizeof(nlmsghdr)) {
        return false;
    }
    std::memcpy(&message.header, left_.data(), sizeof(nlmsghdr));
    const size_t length = message.header.nlmsg_len;
    if (length < sizeof(nlmsghdr) || length > left_.size()) {
        return false;
    }
    message.whole = left_.first(length);
    message.payload = message.whole.subspan(sizeof(nlmsghdr));
    left_ = left_.subspan(std::min<size_t>(NLMSG_ALIGN(length), left_.size()));
    return true;
}

Answer read_answer(const Message &message) {
    Answer answer;
    nlmsgerr error{};
    if (message.payload.size() < sizeof(error)) {
        answer.error = EBADMSG;
        return answer;
    }
    std::memcpy(&error, message.payload.data(), sizeof(error));
    answer.error = error.error == 0 ? 0 : -error.error;
    if ((message.header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) {
        return answer;
    }
    // The request comes back in front of the attributes, unless it was cut off.
    size_t skip = sizeof(error);
    if ((message.header.nlmsg_flags & NLM_F_CAPPED) == 0 && error.msg.nlmsg_len > NLMSG_HDRLEN) {
        skip += NLMSG_ALIGN(size_t{error.msg.nlmsg_len} - NLMSG_HDRLEN);
    }
    if (skip < message.payload.size()) {
        read_extack(message.payload.subspan(skip), answer);
    }
    return answer;
}

Answer read_done(const Message &message) {
    Answer answer;
    int32_t code = 0;
    if (read(message.payload, code) && code < 0) {
        answer.error = -code;
        if ((message.header.nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
            read_extack(message.payload.subspan(sizeof(code)), answer);
        }
    }
    answer.interrupted = (message.header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    return answer;
}

} // namespace dropctl::nl
