#include "health/store/session.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

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

}  // namespace

Session::Session(Options options, Time now)
    : options_(std::move(options)),
      chance_(options_.seed + 1),
      retry_at_(now),
      read_at_(now),
      renew_at_(now),
      write_at_(now) {}

void Session::put(const std::string& key, std::string value, bool leased) {
  Wanted& wanted = wanted_[key];
  if (wanted.value == value && wanted.leased == leased && !wanted.erased) return;
  wanted = {std::move(value), leased, false, false};
}

void Session::erase(const std::string& key) { wanted_[key] = {{}, false, true, false}; }

std::size_t Session::waiting_writes() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(wanted_.begin(), wanted_.end(), [](const auto& one) { return !one.second.is_there; }));
}

void Session::accept(Time now) {
  cluster_ = revision_ = 0;
  read_all_ = true;
  read_at_ = now;
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
  if (!options_.user.empty() && token_.empty()) {
    if (!is_asked(Asked::token)) {
      ask(Asked::token, "/v3/auth/authenticate",
          json::serialize(json::object{{"name", options_.user}, {"password", options_.password}}), actions);
    }
    return actions;
  }
  if ((read_all_ || now >= read_at_) && !is_asked(Asked::range)) {
    json::object body = range_of(options_.prefix);
    body["limit"] = kMaxKeys;
    ask(Asked::range, "/v3/kv/range", json::serialize(body), actions);
  }
  if (read_all_) return actions;  // one thing after the other, while we do not know whom we talk to

  if (watch_ == 0 && state_ == State::following) {
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
  const bool needs_lease =
      std::any_of(wanted_.begin(), wanted_.end(), [](const auto& one) { return one.second.leased; });
  if (needs_lease && alive_ && lease_ == 0 && !is_asked(Asked::grant)) {
    ask(Asked::grant, "/v3/lease/grant", json::serialize(json::object{{"TTL", kLease.count()}}), actions);
  }
  if (lease_ != 0 && alive_ && now >= renew_at_ && !is_asked(Asked::renew)) {
    renew_at_ = now + kRenew;
    ask(Asked::renew, "/v3/lease/keepalive", json::serialize(json::object{{"ID", lease_}}), actions);
  }
  if (now >= write_at_ && !is_asked(Asked::write)) {
    std::string body = write_body();
    if (!body.empty()) {
      write_at_ = now + kWriteEvery;
      ask(Asked::write, "/v3/kv/txn", std::move(body), actions);
    }
  }
  return actions;
}

Session::Time Session::due(Time now) const {
  if (now < retry_at_) return retry_at_;
  if (!asked_.empty()) return now + kTimeout;
  Time next = read_at_;
  if (lease_ != 0 && alive_) next = std::min(next, renew_at_);
  if (waiting_writes() != 0) next = std::min(next, write_at_);
  return std::max(next, now);
}

std::string Session::write_body() {
  json::array puts;
  writing_.clear();
  for (auto& [key, wanted] : wanted_) {
    if (wanted.is_there || (wanted.leased && (lease_ == 0 || !alive_))) continue;
    writing_.push_back(key);
    const std::string whole = to_base64(options_.prefix + key);
    if (wanted.erased) {
      puts.push_back(json::object{{"requestDeleteRange", json::object{{"key", whole}}}});
      continue;
    }
    json::object put{{"key", whole}, {"value", to_base64(wanted.value)}};
    if (wanted.leased) put["lease"] = lease_;
    puts.push_back(json::object{{"requestPut", std::move(put)}});
    if (puts.size() == 64) break;  // etcd takes 128 operations
  }
  for (const std::string& key : writing_) wanted_[key].is_there = true;  // unless the answer says otherwise
  return puts.empty() ? std::string() : json::serialize(json::object{{"success", std::move(puts)}});
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

void Session::failed(std::string problem, Time now) {
  problem_ = std::move(problem);
  asked_.clear();  // answers that still come belong to nobody
  watch_ = 0;
  token_.clear();
  for (const std::string& key : writing_) wanted_[key].is_there = false;
  writing_.clear();
  read_all_ = true;
  if (state_ == State::following) state_ = State::connecting;
  endpoint_ = (endpoint_ + 1) % options_.endpoints;
  const auto longest = std::min(kLongestRetry, kFirstRetry * (1 << std::min(failures_, 4U)));
  ++failures_;
  std::uniform_int_distribution<std::int64_t> any(longest.count() / 2, longest.count());
  retry_at_ = now + std::chrono::milliseconds(any(chance_));
}

void Session::replied(std::uint64_t id, unsigned status, std::string_view body, Time now) {
  const auto known = asked_.extract(id);
  if (known.empty()) return;
  const Asked what = known.mapped();
  if (status != 200) {
    if (what == Asked::write) lease_ = 0;  // perhaps it ended while we were away
    failed(status == 0
               ? "no answer" + (body.empty() ? std::string() : ": " + std::string(body.substr(0, 200)))
               : "HTTP status " + std::to_string(status) + ": " + std::string(body.substr(0, 200)),
           now);
    return;
  }
  try {
    const json::value value = json::parse(body);
    const json::object& object = value.as_object();
    switch (what) {
      case Asked::token: token_ = std::string(object.at("token").as_string()); break;
      case Asked::range: got_range(body, now); break;
      case Asked::grant:
        lease_ = number(object, "ID");
        renew_at_ = now + kRenew;
        for (auto& [key, wanted] : wanted_) wanted.is_there = wanted.is_there && !wanted.leased;
        break;
      case Asked::renew:
        // It ended, since we were away for too long; what hung on it is gone.
        if (number(object.at("result").as_object(), "TTL") == 0) lease_ = 0;
        break;
      case Asked::write: writing_.clear(); break;
    }
    last_contact_ = now;
    failures_ = 0;
    if (state_ != State::refused) problem_.clear();
  } catch (const std::exception& error) {
    failed(std::string("an answer that is none: ") + error.what(), now);
  }
}

void Session::got_range(std::string_view body, Time now) {
  const json::value value = json::parse(body);
  const json::object& object = value.as_object();
  const json::object& header = object.at("header").as_object();
  const std::uint64_t cluster = number(header, "cluster_id"), revision = number(header, "revision");
  std::map<std::string, Known> found;
  if (const json::value* all = object.if_contains("kvs")) {
    for (const json::value& one : all->as_array()) {
      const json::object& kv = one.as_object();
      const std::string key = octets(kv, "key");
      std::string content = octets(kv, "value");
      if (!key.starts_with(options_.prefix) || content.size() > kMaxValue) continue;
      found[key.substr(options_.prefix.size())] = {std::move(content), number(kv, "mod_revision"),
                                                   number(kv, "lease") != 0};
    }
  }
  read_all_ = false;
  read_at_ = now + kReadAll;

  // What should be there and is not (wiped, or its lease ended) is written again, whatever we think of the rest.
  for (auto& [key, wanted] : wanted_) {
    const auto there = found.find(key);
    const bool is_right =
        wanted.erased ? there == found.end() : there != found.end() && there->second.value == wanted.value;
    if (!is_right && std::find(writing_.begin(), writing_.end(), key) == writing_.end())
      wanted.is_there = false;
  }
  const bool is_known = cluster_ != 0;
  std::string doubt;
  if (is_known && cluster != cluster_) {
    doubt = "another etcd cluster answers";
  } else if (is_known && revision < revision_) {
    doubt =
        "the store went back, from revision " + std::to_string(revision_) + " to " + std::to_string(revision);
  } else if (is_known && found.empty() &&
             std::any_of(known_.begin(), known_.end(), [](const auto& one) { return !one.second.leased; })) {
    doubt = "the store has nothing below " + options_.prefix + " any more";
  }
  if (!doubt.empty() && (options_.trust == Trust::cautious || found.empty())) return refuse(doubt);

  cluster_ = cluster;
  revision_ = read_revision_ = revision;
  gone_.clear();
  state_ = State::following;
  for (auto& [key, kept] : std::map(known_)) {
    if (!found.contains(key)) set(key, std::nullopt);
  }
  for (auto& [key, one] : found) set(key, std::move(one));
}

void Session::refuse(std::string problem) {
  state_ = State::refused;
  watch_ = 0;
  problem_ = std::move(problem);
}

void Session::set(const std::string& key, std::optional<Known> now) {
  if (!now) {
    if (known_.erase(key) != 0) changes_.push_back({key, std::nullopt});
    return;
  }
  Known& known = known_[key];
  if (known.revision == 0 || known.value != now->value) changes_.push_back({key, now->value});
  known = *std::move(now);
}

void Session::watched(std::uint64_t id, std::string_view line, Time now) {
  if (id != watch_ || watch_ == 0) return;
  try {
    const json::value value = json::parse(line);
    const json::object& result = value.as_object().at("result").as_object();
    if (const json::value* canceled = result.if_contains("canceled"); canceled && canceled->as_bool()) {
      watch_ = 0;
      read_all_ = true;  // compacted, most likely: what happened meanwhile is only in the whole
      return;
    }
    const json::object& header = result.at("header").as_object();
    if (number(header, "cluster_id") != cluster_) {
      watch_ = 0;
      read_all_ = true;
      return;
    }
    const json::value* events = result.if_contains("events");
    if (events == nullptr) return;
    std::uint64_t newest = revision_;
    for (const json::value& one : events->as_array()) {
      const json::object& event = one.as_object();
      const json::object& kv = event.at("kv").as_object();
      const std::uint64_t revision = number(kv, "mod_revision");
      const std::string key = octets(kv, "key");
      if (!key.starts_with(options_.prefix)) continue;
      const std::string name = key.substr(options_.prefix.size());
      const auto known = known_.find(name);
      const auto gone = gone_.find(name);
      const std::uint64_t before =
          std::max({read_revision_, known == known_.end() ? 0 : known->second.revision,
                    gone == gone_.end() ? 0 : gone->second});
      if (revision <= before) continue;  // told before
      newest = std::max(newest, revision);
      const json::value* type = event.if_contains("type");
      const bool is_gone = type != nullptr && type->as_string() == "DELETE";
      std::string content = octets(kv, "value");
      if (content.size() > kMaxValue) continue;
      // Somebody else took away, or overwrote, what is ours.
      if (const auto wanted = wanted_.find(name); wanted != wanted_.end()) {
        if (is_gone != wanted->second.erased || (!is_gone && content != wanted->second.value)) {
          const bool is_late = std::find(writing_.begin(), writing_.end(), name) != writing_.end();
          wanted->second.is_there = wanted->second.is_there && is_late;
        }
      }
      if (is_gone) gone_[name] = revision;
      const bool is_leased = number(kv, "lease") != 0;
      set(name, is_gone ? std::nullopt : std::optional(Known{std::move(content), revision, is_leased}));
    }
    revision_ = newest;
    last_contact_ = now;
  } catch (const std::exception&) {
    watch_ = 0;
    read_all_ = true;
  }
}

void Session::watch_ended(std::uint64_t id, Time now) {
  if (id == watch_ && watch_ != 0) failed("the watch ended", now);
}

std::vector<Session::Change> Session::take_changes() { return std::exchange(changes_, {}); }

}  // namespace holdfast::health
