// What goes wrong in the world.
#include <algorithm>

#include "tests/simulator/process.h"

namespace holdfast::simulator {

using namespace health;

namespace {

/// What a watch loses is known when everything is read again; so the last of it is over when the faults are.
constexpr Seconds kReadAgain = std::chrono::duration<double>(Session::kReadAll).count();

}  // namespace

void World::plan_faults(Seconds end) {
  at(end - kReadAgain, [this] { store_loses_ = false; });
  for (Seconds when = 30 + 60 * chance(); when < end; when += 2 + 90 * chance() * chance()) {
    at(when, [this] { fault(); });
  }
  for (Seconds when = 1; when < end; when += 1) {
    at(when, [this] {
      etcd_.expire(now_);
      deliver_events();
    });
  }
}

void World::fault() {
  ++faults_;
  calm_since_ = now_;
  Process& process = *processes_[any(processes_.size())];
  const double kind = chance();
  if (kind < 0.25) {
    fault_of_target(process, addresses_[any(addresses_.size())]);
  } else if (kind < 0.65 || !has_store_) {
    fault_of(process);
  } else {
    fault_of_store();
  }
}

void World::fault_of_target(Process& process, const std::string& address) {
  switch (any(5)) {
    case 0:
    case 1:
    case 2:
      say(address + (truth_[address] ? " dies" : " lives"));
      truth_[address] = !truth_[address];
      is_black_hole_[address] = chance() < 0.5;
      break;
    case 3:  // it flaps for a while
      say(address + " flaps");
      for (int i = 0; i < 40; ++i) {
        at(now_ + (i + 1) * (2 + 30 * chance()), [this, address] {
          if (!has_faults_) return;
          calm_since_ = now_;
          truth_[address] = !truth_[address];
        });
      }
      break;
    case 4:
      say(process.name + " loses or finds " + address);
      if (!process.unreachable.insert(address).second) process.unreachable.erase(address);
      break;
  }
}

void World::fault_of(Process& process) {
  switch (any(9)) {
    case 0:
    case 1:
      if (!has_store_) break;
      say(process.name + (process.store_link ? " loses the store" : " has the store again"));
      process.store_link = !process.store_link;
      if (!process.store_link && process.life != 0 && process.watch != 0)
        process.council->session()->watch_ended(std::exchange(process.watch, 0), time());
      break;
    case 2:
      say(process.name + (process.world_link ? " loses the world" : " has the world again"));
      process.world_link = !process.world_link;
      break;
    case 3:
      if (process.life != 0) stop(process);
      at(now_ + 60 * chance(), [this, &process] {
        calm_since_ = now_;
        start(process);
      });
      break;
    case 4:
      process.paused_until = std::min(now_ + 60 * chance(), faults_end_);
      say(process.name + " is paused");
      for (auto& [id, one] : process.started) one.second = 0;
      calm_since_ = process.paused_until;
      break;
    case 5: wall_step_ += (chance() - 0.5) * 7200; break;
    case 6: {
      const bool is_first =
          std::none_of(processes_.begin(), processes_.end(), [](auto& one) { return one->lies; });
      if (!process.lies && !is_first) break;  // one at a time
      say(process.name + (process.lies ? " lies no more" : " lies"));
      process.lies = !process.lies;
      break;
    }
    case 7:
      if (process.life == 0) break;
      process.sees = !process.sees;
      say(process.name + (process.sees ? " looks again" : " does not look any more"));
      process.council->set_alive(process.sees);
      break;
    case 8:  // people
      if (!process.is_server) break;
      if (chance() < 0.5) {
        reload(process);
      } else if (has_store_ && process.life != 0) {
        const std::string id = std::to_string(any(3));
        say(process.name + " decides about " + id);
        if (chance() < 0.5) {
          process.council->put_override(id, process.name + " " + std::to_string(now_));
        } else {
          process.council->drop_override(id);
        }
      }
      break;
  }
}

void World::fault_of_store() {
  switch (any(9)) {
    case 0:
    case 1:
      say(store_is_up_ ? "the store stops" : "the store is back");
      store_is_up_ = !store_is_up_;
      if (!store_is_up_) end_watches();
      break;
    case 2: store_loses_ = !store_loses_ && now_ < faults_end_ - kReadAgain; break;
    case 3: store_repeats_ = !store_repeats_; break;
    case 4:
      say("the store is copied");
      etcd_.keep_copy();
      break;
    case 5:
      if (chance() < 0.5) break;
      say("the store goes back");
      etcd_.go_back(now_);
      ++store_;
      end_watches();
      break;
    case 6:
      if (chance() < 0.5) break;
      say("the store is wiped");
      etcd_.wipe(chance() < 0.5);
      ++store_;
      end_watches();
      break;
    case 7:
      say(etcd_.is_full ? "the store has space again" : "the store is full");
      etcd_.is_full = !etcd_.is_full;
      break;
    case 8:
      if (etcd_.token.empty()) break;
      say("tokens are not valid any more");
      etcd_.token += '.';
      break;
  }
}

void World::end_faults() {
  say("no more faults");
  has_faults_ = false;
  store_is_up_ = true;
  store_loses_ = store_repeats_ = etcd_.is_full = false;
  for (auto& process : processes_) {
    process->store_link = process->world_link = true;
    process->lies = false;
    process->unreachable.clear();
    if (process->life == 0) start(*process);
    process->sees = true;
    process->council->set_alive(true);
    wake(*process, now_);
  }
  calm_since_ = now_;
  for (int second = 0; second < 15; ++second) {  // one that was cut off learns of another store only now
    at(now_ + second, [this] { accept_store(); });
  }
}

/// The operator looks after servers that refuse what the store says now.
void World::accept_store() {
  for (auto& process : processes_) {
    if (process->life == 0 || process->council->session() == nullptr) continue;
    if (process->council->session()->state() != Session::State::refused) continue;
    process->council->session()->accept(time());
    process->revision = process->store = 0;
    wake(*process, now_);
  }
}

}  // namespace holdfast::simulator
