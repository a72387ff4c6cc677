#include "health/store/session.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "health/probe/detail.h"
#include "health/store/base64.h"

namespace holdfast::health {
namespace {

namespace json = boost::json;

/// The gateway writes 64 bits as strings (proto3 JSON), and leaves out what is zero.
std::uint64_t number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return 0;
  if (const json::string* text = value->if_string()) {
    std::uint64_t read = 0;
    std::from_chars(text->data(), text->data() + text->size(), read);
    return read;
  }
  return value->to_number<std::uint64_t>();
}

std::string octets(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : from_base64(value->as_string()).value();
}

/// The first key that does not begin with the prefix.
std::string range_end(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

json::object range_of(const std::string& prefix) {
  return {{"key", to_base64(prefix)}, {"range_end", to_base64(range_end(prefix))}};
}

/// Whether another member of the cluster may know better, or this one a moment later.
bool is_passing(int code) {
  constexpr int kCancelled = 1, kDeadlineExceeded = 4, kAborted = 10, kUnavailable = 14;
  return code == kCancelled || code == kDeadlineExceeded || code == kAborted || code == kUnavailable;
}

/// Fit for logs and terminals, whoever wrote it.
std::string shown(std::string_view text) {
  text = text.substr(0, text.find_last_not_of("\r\n") + 1);  // etcd ends what is no JSON with a line feed
  return printable(text, 200);
}

std::string token_of(const json::object& answer) {
  std::string token(answer.at("token").as_string());
  const bool is_fit =
      !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!is_fit) throw std::invalid_argument("token");  // it becomes part of an HTTP header
  return token;
}

}  // namespace

/// What etcd says in an answer, or, one level deeper, in a stream.
Session::Error Session::error_of(const json::object& object) {
  const json::value* error = object.if_contains("error");
  if (error == nullptr) return {};
  const json::object* streamed = error->if_object();
  const json::object& from = streamed == nullptr ? object : *streamed;
  const json::value* message = from.if_contains("message");
  if (message == nullptr || !message->is_string()) return {};
  return {static_cast<int>(number(from, streamed == nullptr ? "code" : "grpc_code")),
          shown(message->as_string())};
}

bool Session::is_about_token(const Error& error) {
  constexpr int kUnauthenticated = 16;
  return error.code == kUnauthenticated || error.message.find("invalid auth token") != std::string::npos ||
         error.message.find("revision of auth store is old") != std::string::npos;
}

Session::Session(Options options, Time now)
    : options_(std::move(options)),
      chance_(options_.seed + 1),
      retry_at_(now),
      watch_at_(now),
      read_at_(now),
      renew_at_(now),
      grant_at_(now),
      write_at_(now) {}

void Session::accept(Time now) {
  refused_for_.clear();
  cluster_ = revision_ = read_revision_ = 0;
  read_all_ = true;
  read_at_ = now;
  reading_ = {};
  if (state_ == State::refused) state_ = State::connecting;
  problem_.clear();
}

std::vector<Session::Action> Session::tick(Time now) {
  std::vector<Action> actions;
  if (watch_ == 0 && watch_is_open_) {
    actions.push_back({.kind = Action::Kind::unwatch});
    watch_is_open_ = false;
  }
  if (now < retry_at_) return actions;
  if (needs_token()) {
    if (!is_asked(Asked::token)) {
      ask(Asked::token, "/v3/auth/authenticate",
          json::serialize(json::object{{"name", options_.user}, {"password", options_.password}}), actions);
    }
    return actions;
  }
  if ((read_all_ || now >= read_at_) && !is_asked(Asked::range)) {
    if (reading_.last.empty()) reading_.known = revision_;
    json::object body = range_of(options_.prefix);
    body["limit"] = kPage;
    if (!reading_.last.empty()) {
      body["key"] = to_base64(options_.prefix + reading_.last + '\0');  // the one after it
      body["revision"] = reading_.revision;
    }
    ask(Asked::range, "/v3/kv/range", json::serialize(body), actions);
  }
  if (read_all_) return actions;  // one thing after the other, while we do not know whom we talk to

  if (watch_ == 0 && state_ == State::following && now >= watch_at_) {
    watch_ = ++last_id_;
    watch_is_open_ = true;
    json::object create = range_of(options_.prefix);
    create["start_revision"] = revision_ + 1;
    actions.push_back({.kind = Action::Kind::watch,
                       .id = watch_,
                       .endpoint = endpoint_,
                       .path = "/v3/watch",
                       .body = json::serialize(json::object{{"create_request", std::move(create)}}),
                       .token = token_});
  }
  if (needs_lease() && now >= grant_at_ && !is_asked(Asked::grant)) {
    ask(Asked::grant, "/v3/lease/grant", json::serialize(json::object{{"TTL", kLease.count()}}), actions);
  }
  if (has_lease() && now >= renew_at_ && !is_asked(Asked::renew)) {
    renew_at_ = now + kRenew;
    ask(Asked::renew, "/v3/lease/keepalive", json::serialize(json::object{{"ID", lease_}}), actions);
  }
  if (now >= write_at_ && !is_asked(Asked::write)) {
    std::string body = write_body(now);
    if (!body.empty()) {
      write_at_ = now + kWriteEvery;
      ask(Asked::write, "/v3/kv/txn", std::move(body), actions);
    }
  }
  return actions;
}

// The same questions as in tick().
Session::Time Session::due(Time now) const {
  if (watch_ == 0 && watch_is_open_) return now;
  if (now < retry_at_) return retry_at_;
  if (needs_token()) return is_asked(Asked::token) ? Time::max() : now;
  Time next = Time::max();
  if (!is_asked(Asked::range)) next = read_all_ ? now : read_at_;
  if (read_all_) return std::max(next, now);
  if (watch_ == 0 && state_ == State::following) next = std::min(next, watch_at_);
  if (needs_lease() && !is_asked(Asked::grant)) next = std::min(next, grant_at_);
  if (has_lease() && !is_asked(Asked::renew)) next = std::min(next, renew_at_);
  if (!is_asked(Asked::write)) next = std::min(next, std::max(write_at_, outbox_.due(has_lease())));
  return std::max(next, now);
}

bool Session::needs_lease() const { return lease_ == 0 && alive_ && outbox_.has_leased(); }

std::string Session::write_body(Time now) {
  json::array operations;
  for (const auto& [key, value, is_leased] : outbox_.take(now, has_lease())) {
    const std::string whole = to_base64(options_.prefix + key);
    if (!value) {
      operations.push_back(json::object{{"requestDeleteRange", json::object{{"key", whole}}}});
    } else {
      json::object put{{"key", whole}, {"value", to_base64(*value)}};
      if (is_leased) put["lease"] = lease_;
      operations.push_back(json::object{{"requestPut", std::move(put)}});
    }
  }
  return operations.empty() ? std::string()
                            : json::serialize(json::object{{"success", std::move(operations)}});
}

std::uint64_t Session::ask(Asked what, std::string path, std::string body, std::vector<Action>& actions) {
  asked_[++last_id_] = what;
  actions.push_back({.kind = Action::Kind::request,
                     .id = last_id_,
                     .endpoint = endpoint_,
                     .path = std::move(path),
                     .body = std::move(body),
                     .token = what == Asked::token ? std::string() : token_});
  return last_id_;
}

bool Session::is_asked(Asked what) const {
  return std::any_of(asked_.begin(), asked_.end(), [what](const auto& one) { return one.second == what; });
}

/// Nothing works, as far as we know: all over again, with the next endpoint.
void Session::failed(std::string problem, Time now) {
  problem_ = std::move(problem);
  asked_.clear();  // answers that still come belong to nobody
  watch_ = 0;
  token_.clear();
  outbox_.not_written();
  reading_ = {};
  read_all_ = true;
  if (state_ == State::following) state_ = State::connecting;
  endpoint_ = (endpoint_ + 1) % options_.endpoints;
  const auto longest = std::min(kLongestRetry, kFirstRetry * (1 << std::min(failures_, 4U)));
  ++failures_;
  std::uniform_int_distribution<std::int64_t> any(longest.count() / 2, longest.count());
  retry_at_ = now + std::chrono::milliseconds(any(chance_));
}

/// Etcd is there, and says no.
void Session::denied(std::uint64_t id, Asked what, const Error& error, Time now) {
  constexpr int kNotFound = 5;
  if (is_about_token(error)) {
    if (!renew_token(id)) return failed(error.message, now);
    if (what == Asked::write) {
      outbox_.not_written();
      write_at_ = now;  // or who makes tokens void once a second keeps us from writing
    }
    if (what == Asked::renew) renew_at_ = now;
    return;
  }
  const bool is_to_write = what == Asked::write || what == Asked::grant || what == Asked::renew;
  if (!is_to_write || is_passing(error.code)) return failed(error.message, now);
  last_contact_ = now;
  if (what == Asked::renew || (what == Asked::write && error.code == kNotFound)) {
    lease_ = 0;  // it ended while we were away
    outbox_.not_written();
    return;
  }
  write_problem_ = error.message;
  if (what == Asked::grant) {
    grant_at_ = now + kTryAgain;
    return;
  }
  outbox_.refused(now);
}

/// The one that this request was made with is void. True: there is another, or will be. One that never served is not
/// replaced: that would go on for ever.
bool Session::renew_token(std::uint64_t id) {
  if (options_.user.empty()) return false;
  if (token_.empty() || id < token_id_) return true;
  if (!token_has_served_) return false;
  token_.clear();
  return true;
}

void Session::replied(std::uint64_t id, unsigned status, std::string_view body, Time now) {
  const auto known = asked_.extract(id);
  if (known.empty()) return;
  const Asked what = known.mapped();
  if (status == 0) return failed("no answer" + (body.empty() ? std::string() : ": " + shown(body)), now);
  try {
    const json::value value = json::parse(body);
    const json::object& object = value.as_object();
    if (status != 200 || object.contains("error")) {
      const Error error = error_of(object);
      if (error.code != 0) return denied(id, what, error, now);
      throw std::invalid_argument(shown(body));
    }
    switch (what) {
      case Asked::token:
        token_ = token_of(object);
        token_id_ = id;
        token_has_served_ = false;
        break;
      case Asked::range:
        if (!got_page(object, now)) return;
        break;
      case Asked::grant:
        lease_ = number(object, "ID");
        if (lease_ == 0) {
          write_problem_ = "a lease that is none";
          grant_at_ = now + kTryAgain;
          break;
        }
        renew_at_ = now + kRenew;
        outbox_.lease_is_new();
        break;
      case Asked::renew:
        // It ended, since we were away for too long; what hung on it is gone.
        if (number(object.at("result").as_object(), "TTL") == 0) lease_ = 0;
        break;
      case Asked::write:
        outbox_.wrote();
        if (!outbox_.has_refused() && !needs_lease()) write_problem_.clear();
        break;
    }
    if (what != Asked::token && id > token_id_) token_has_served_ = true;
    last_contact_ = now;
    if (read_all_) return;  // it may still be as bad as before
    failures_ = 0;
    if (state_ != State::refused) problem_.clear();
  } catch (const std::exception& error) {
    failed(status == 200 ? std::string("an answer that is none: ") + error.what()
                         : "HTTP status " + std::to_string(status) + ": " + shown(body),
           now);
  }
}

/// False: that was too much, or not right.
bool Session::got_page(const json::object& answer, Time now) {
  const json::object& header = answer.at("header").as_object();
  const std::uint64_t cluster = number(header, "cluster_id");
  if (reading_.last.empty()) {
    reading_.cluster = cluster;
    reading_.revision = number(header, "revision");
  }
  if (cluster != reading_.cluster) return failed("another etcd cluster answers in between", now), false;
  std::string last;
  if (const json::value* all = answer.if_contains("kvs")) {
    for (const json::value& one : all->as_array()) {
      const json::object& kv = one.as_object();
      std::string key = octets(kv, "key");
      std::string content = octets(kv, "value");
      if (!key.starts_with(options_.prefix)) continue;
      key.erase(0, options_.prefix.size());
      last = std::max(last, key);
      reading_.octets += content.size();
      if (content.size() > kMaxValue) content.clear();  // nobody can make anything of that
      reading_.found[key] = {std::move(content), number(kv, "mod_revision"), number(kv, "lease") != 0};
    }
  }
  if (reading_.found.size() > kMaxKeys || reading_.octets > kMaxCopy) {
    failed("the store has more below " + options_.prefix + " than " + std::to_string(kMaxKeys) + " keys or " +
               std::to_string(kMaxCopy >> 20) + " MiB: is that prefix used by others?",
           now);
    retry_at_ = now + kTryAgain;
    return false;
  }
  const json::value* more = answer.if_contains("more");
  if (more != nullptr && more->as_bool() && last > reading_.last) {
    reading_.last = std::move(last);
  } else {
    got_all(std::exchange(reading_, {}), now);
  }
  return true;
}

void Session::got_all(Reading reading, Time now) {
  const bool is_known = cluster_ != 0;
  const bool is_same = is_known && reading.cluster == cluster_;
  // The watch was quicker than this answer, which is right as of when it was asked for.
  const bool is_late = is_same && reading.revision < revision_ && reading.revision >= reading.known;
  read_at_ = now + (is_late ? kWriteEvery : kReadAll);
  if (is_late) return;
  read_all_ = false;

  std::map<std::string, Known>& found = reading.found;
  // What should be there and is not (wiped, or its lease ended) is written again, whatever we think of the rest.
  outbox_.stands_all([&](const std::string& key) {
    const auto there = found.find(key);
    return there == found.end() ? std::nullopt : std::optional<std::string_view>(there->second.value);
  });
  std::string doubt;
  if (is_known && !is_same) {
    doubt = "another etcd cluster answers";
  } else if (is_known && reading.revision < revision_) {
    doubt = "the store went back, from revision " + std::to_string(revision_) + " to " +
            std::to_string(reading.revision);
  } else if (is_known && found.empty() &&
             std::any_of(known_.begin(), known_.end(), [](const auto& one) { return !one.second.leased; })) {
    doubt = "the store has nothing below " + options_.prefix + " any more";
  }
  // What was refused stays so: it only looks better because we, and others, went on writing into it.
  if (doubt.empty() && is_same) doubt = refused_for_;
  if (!doubt.empty() && (options_.trust == Trust::cautious || !has_content(found))) {
    if (is_same) refused_for_ = doubt;
    return disbelieve(doubt);
  }
  refused_for_.clear();

  // The watch should have told something of this: perhaps it never will, and ballots are only believed while they come often.
  const bool has_news = std::any_of(found.begin(), found.end(),
                                    [this](const auto& one) { return one.second.revision > revision_; });
  const bool spoke = std::exchange(watch_spoke_, false);
  const bool is_deaf = has_news && watch_ != 0 && !spoke;
  if (is_deaf) read_at_ = now + kTryAgain;
  if (is_deaf || !doubt.empty()) watch_ = 0;
  cluster_ = reading.cluster;
  revision_ = read_revision_ = reading.revision;
  gone_.clear();
  state_ = State::following;
  for (auto known = known_.begin(); known != known_.end();) {
    const auto one = known++;
    if (!found.contains(one->first)) set(std::string(one->first), std::nullopt);
  }
  for (auto& [key, one] : found) set(key, std::move(one));
}

/// Something to stay, of somebody else: what we put there ourselves says nothing.
bool Session::has_content(const std::map<std::string, Known>& found) const {
  return std::any_of(found.begin(), found.end(),
                     [this](const auto& one) { return !one.second.leased && !outbox_.has(one.first); });
}

void Session::disbelieve(std::string problem) {
  state_ = State::refused;
  watch_ = 0;
  problem_ = std::move(problem);
}

void Session::set(const std::string& key, std::optional<Known> now) {
  if (!now) {
    if (known_.erase(key) != 0) changes_.push_back({key, std::nullopt});
    return;
  }
  const auto [place, is_new] = known_.try_emplace(key);
  if (is_new || place->second.value != now->value) changes_.push_back({key, now->value});
  place->second = *std::move(now);
}

void Session::watched(std::uint64_t id, std::string_view line, Time now) {
  if (id != watch_ || watch_ == 0) return;
  try {
    const json::value value = json::parse(line);
    const json::object& object = value.as_object();
    if (object.contains("error")) return watch_denied(error_of(object), now);
    const json::object& result = object.at("result").as_object();
    if (const json::value* canceled = result.if_contains("canceled"); canceled && canceled->as_bool()) {
      if (number(result, "compact_revision") == 0) {
        const json::value* reason = result.if_contains("cancel_reason");
        return watch_denied({0, reason == nullptr ? "canceled" : shown(reason->as_string())}, now);
      }
      watch_ = 0;  // what happened meanwhile is only in the whole
      read_all_ = true;
      watch_at_ = now + kFirstRetry;
      return;
    }
    if (number(result.at("header").as_object(), "cluster_id") != cluster_) {
      watch_ = 0;
      watch_at_ = now + kTryAgain;
      read_all_ = true;
      return;
    }
    last_contact_ = now;
    watch_problem_.clear();
    const json::value* events = result.if_contains("events");
    if (events == nullptr) return;
    std::uint64_t newest = revision_;
    watch_spoke_ = watch_spoke_ || !events->as_array().empty();
    for (const json::value& one : events->as_array()) got_event(one.as_object(), newest);
    revision_ = newest;
  } catch (const std::exception& error) {
    watch_denied({0, std::string("a line that is none: ") + error.what()}, now);
  }
}

void Session::got_event(const json::object& event, std::uint64_t& newest) {
  const json::object& kv = event.at("kv").as_object();
  const std::uint64_t revision = number(kv, "mod_revision");
  std::string name = octets(kv, "key");
  if (!name.starts_with(options_.prefix)) return;
  name.erase(0, options_.prefix.size());
  const auto known = known_.find(name);
  const auto gone = gone_.find(name);
  const std::uint64_t before = std::max({read_revision_, known == known_.end() ? 0 : known->second.revision,
                                         gone == gone_.end() ? 0 : gone->second});
  if (revision <= before) return;  // told before
  newest = std::max(newest, revision);
  const json::value* type = event.if_contains("type");
  const bool is_gone = type != nullptr && type->as_string() == "DELETE";
  std::string content = octets(kv, "value");
  if (content.size() > kMaxValue) content.clear();
  if (!is_gone && known == known_.end() && known_.size() >= kMaxKeys) return;  // the next reading says so
  outbox_.stands(name, is_gone ? std::nullopt : std::optional<std::string_view>(content));
  if (is_gone) gone_[name] = revision;
  const bool is_leased = number(kv, "lease") != 0;
  set(name, is_gone ? std::nullopt : std::optional(Known{std::move(content), revision, is_leased}));
}

/// Etcd is there, but this watch is not to be had.
void Session::watch_denied(const Error& error, Time now) {
  if (is_about_token(error) && renew_token(std::exchange(watch_, 0))) return;
  watch_ = 0;
  watch_problem_ = "no watch: " + error.message;
  watch_at_ = now + kTryAgain;
  read_at_ = std::min(read_at_, watch_at_);
}

void Session::watch_ended(std::uint64_t id, Time now) {
  if (id == watch_ && watch_ != 0) failed("the watch ended", now);
}

std::vector<Session::Change> Session::take_changes() { return std::exchange(changes_, {}); }

}  // namespace holdfast::health
