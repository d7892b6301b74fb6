#include "keeper/grants.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/log.h"
#include "keeper/first_error.h"

namespace jalousie::keeper {

namespace {

constexpr std::array kStreams = {StreamId::Main, StreamId::Sub};

bool concerns(const Concerned& concerned, const Principal& principal, CameraId camera) {
  return (!concerned.account || *concerned.account == principal.account) &&
         (!concerned.session || *concerned.session == principal.session) &&
         (!concerned.camera || *concerned.camera == camera);
}

}  // namespace

Grants::Grants(Parts parts)
    : parts_(parts),
      granted_(parts.metrics.counter("jalousie_keeper_grants_total", "Asked-for viewings",
                                     {{"outcome", "granted"}})),
      not_granted_(parts.metrics.counter("jalousie_keeper_grants_total", "Asked-for viewings",
                                         {{"outcome", "refused"}})),
      live_(parts.metrics.gauge("jalousie_keeper_viewings", "Viewings that hold a grant")) {
  // There from the start: who alarms on an increase would miss the first one otherwise.
  for (const auto refusal :
       {seal::Refusal::WrongLabel, seal::Refusal::WrongKey, seal::Refusal::Broken, seal::Refusal::Replayed})
    refusals(refusal);
}

Counter& Grants::refusals(seal::Refusal refusal) const {
  return parts_.metrics.counter("jalousie_keeper_refusals_total",
                                "Blocks that a wall refused: each is an alarm",
                                {{"wall", std::string(seal::to_string(refusal))}});
}

Grants::Suspect Grants::suspect_of(ViewingId id, const Viewing& viewing) {
  return {.id = id,
          .principal = viewing.principal,
          .camera = viewing.camera,
          .door = viewing.door,
          .label = viewing.label};
}

void Grants::hold_until(Viewing& viewing, const Suspect& asked, const Verdict& verdict) {
  if (asked.asked < viewing.asked) return;
  viewing.asked = asked.asked;
  viewing.holds_until = verdict.holds_until;
}

Result<Grant> Grants::grant(const GrantRequest& request, RevokedCall revoked) {
  const ViewingId id = ViewingId::random(parts_.random);
  auto entered = enter(id, request, std::move(revoked));
  auto granted = entered ? fill(id, request) : Result<Grant>(std::unexpected(std::move(entered).error()));
  if (!granted) drop(id);
  (granted ? granted_ : not_granted_).add();
  live_.set(static_cast<double>(size()));
  return granted;
}

Result<> Grants::enter(ViewingId id, const GrantRequest& request, RevokedCall revoked) {
  const std::lock_guard lock(mutex_);
  const auto of_session = std::ranges::count_if(viewings_, [&](const auto& each) {
    return each.second.state != State::Revoked && each.second.principal.session == request.principal.session;
  });
  if (static_cast<std::size_t>(of_session) >= limits::kViewingsPerSession) {
    return fail(ErrorKind::ResourceExhausted, "Too many cameras are being watched here at once: close some.");
  }
  Viewing viewing;
  viewing.principal = request.principal;
  viewing.camera = request.camera;
  viewing.door = request.door;
  viewing.revoked = std::move(revoked);
  viewings_.emplace(id, std::move(viewing));
  return {};
}

Result<> Grants::admit_to_home(ViewingId id, const seal::Label& label) {
  const std::lock_guard lock(mutex_);
  const auto in_home = std::ranges::count_if(viewings_, [&](const auto& each) {
    return each.first != id && each.second.state != State::Revoked && each.second.label &&
           each.second.label->home == label.home;
  });
  if (static_cast<std::size_t>(in_home) >= limits::kViewingsPerHome) {
    return fail(ErrorKind::ResourceExhausted, "Too many people are watching this home's cameras at once.");
  }
  viewings_.at(id).label = label;
  return {};
}

// The registry itself, at this moment. `label` is set from it when it was not known.
Result<Verdict> Grants::ask(Suspect& suspect, std::optional<seal::Label>& label) {
  suspect.asked = ++asks_;
  TRY(const registry::Standing standing,
      parts_.store.standing(suspect.principal.session, suspect.camera, suspect.door));
  Verdict verdict = judge(standing, suspect.principal, suspect.label, parts_.clock.utc());
  if (!verdict.refusal)
    label = seal::Label{standing.camera->home, standing.camera->id, standing.camera->tenure};
  return verdict;
}

Result<Grant> Grants::fill(ViewingId id, const GrantRequest& request) {
  Suspect asker{.id = id,
                .principal = request.principal,
                .camera = request.camera,
                .door = std::string(request.door),
                .label = std::nullopt};
  Grant grant;
  grant.viewing = id;
  bool in_ledger = false;
  while (true) {
    grant.lease_until = parts_.clock.steady() + kLease;
    {
      const std::lock_guard lock(mutex_);
      viewings_.at(id).rights_changed = false;
    }
    std::optional<seal::Label> label;
    TRY(const Verdict verdict, ask(asker, label));
    if (verdict.refusal) return std::unexpected(refusal_error(verdict));
    asker.label = label;
    grant.label = *label;
    TRY_VOID(admit_to_home(id, *label));
    if (!std::exchange(in_ledger, true))
      TRY_VOID(parts_.ledger.append(entry(ledger::EntryKind::Grant, id, asker)));
    TRY(auto of_streams, keys(*label));
    grant.openers.clear();
    for (auto& [stream, stream_keys] : of_streams) {
      grant.openers.emplace(stream, seal::Opener({*label, stream}, std::move(stream_keys)));
    }
    if (activate(grant, verdict)) return grant;
  }
}

// False when rights were changed after the registry was asked: ask again.
bool Grants::activate(const Grant& grant, const Verdict& verdict) {
  const std::lock_guard lock(mutex_);
  Viewing& viewing = viewings_.at(grant.viewing);
  if (viewing.rights_changed) return false;
  viewing.state = State::Active;
  viewing.lease_until = grant.lease_until;
  viewing.holds_until = verdict.holds_until;
  return true;
}

Result<std::map<StreamId, seal::OpenerKeysPtr>> Grants::keys(const seal::Label& label) {
  std::map<StreamId, seal::OpenerKeysPtr> found;
  for (const StreamId stream : kStreams) {
    auto of_stream = parts_.chest.opener_keys({label, stream}, parts_.clock.utc());
    // The tenure ended a moment ago.
    if (!of_stream && of_stream.error().kind() == ErrorKind::NotFound)
      return std::unexpected(no_such_camera());
    if (!of_stream) return std::unexpected(std::move(of_stream).error());
    found.emplace(stream, *std::move(of_stream));
  }
  return found;
}

Result<Renewal> Grants::renew(ViewingId viewing) {
  Suspect asker;
  {
    const std::lock_guard lock(mutex_);
    const auto found = viewings_.find(viewing);
    if (found == viewings_.end() || found->second.state != State::Active) {
      return fail(ErrorKind::NotFound, "There is no such viewing.");
    }
    asker = suspect_of(viewing, found->second);
  }
  Renewal renewal;
  renewal.lease_until = parts_.clock.steady() + kLease;
  std::optional<seal::Label> label;
  TRY(const Verdict verdict, ask(asker, label));
  if (verdict.refusal) {
    revoke(viewing, *verdict.refusal);
    return std::unexpected(refusal_error(verdict));
  }
  TRY_VOID(parts_.ledger.append(entry(ledger::EntryKind::Renewal, viewing, asker)));
  TRY(renewal.keys, keys(*label));
  const std::lock_guard lock(mutex_);
  const auto found = viewings_.find(viewing);
  if (found == viewings_.end() || found->second.state != State::Active) {
    return fail(ErrorKind::NotFound, "There is no such viewing.");
  }
  found->second.lease_until = renewal.lease_until;
  hold_until(found->second, asker, verdict);
  return renewal;
}

void Grants::end(ViewingId viewing, std::uint64_t frames, std::uint64_t bytes) {
  std::unique_lock lock(mutex_);
  const auto found = viewings_.find(viewing);
  if (found == viewings_.end() || found->second.state == State::Pending) return;
  ledger::Entry ended = entry(ledger::EntryKind::End, viewing, suspect_of(viewing, found->second));
  ended.frames = frames;
  ended.bytes = bytes;
  ended.detail = found->second.why.empty() ? "ended_by_viewer" : found->second.why;
  const Viewing gone = std::move(found->second);  // its RevokedCall goes without the lock
  viewings_.erase(found);
  lock.unlock();
  parts_.late.append(ended);
  live_.set(static_cast<double>(size()));
}

void Grants::refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& block) {
  const std::string wall(seal::to_string(refusal));
  refusals(refusal).add();
  const seal::Label& of = block.label.label;
  Suspect watcher{.id = viewing, .principal = {}, .camera = {}, .door = {}, .label = {}};
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = viewings_.find(viewing); found != viewings_.end())
      watcher = suspect_of(viewing, found->second);
  }
  log::alarm("keeper", "a block was refused",
             {{"wall", wall},
              {"viewing", viewing.to_string()},
              {"camera", watcher.camera.to_string()},
              {"home", watcher.label.value_or(seal::Label()).home.to_string()},
              {"block_home", of.home.to_string()},
              {"block_camera", of.camera.to_string()},
              {"block_tenure", std::to_string(to_number(of.tenure))},
              {"block_stream", std::to_string(to_number(block.label.stream))},
              {"block_epoch", std::to_string(block.epoch)},
              {"block_sequence", std::to_string(block.sequence)}});
  revoke(viewing, EndReason::Refused);
  ledger::Entry alarm = entry(ledger::EntryKind::Refusal, viewing, watcher);
  alarm.detail = fmt::format("{} home={} camera={} tenure={} stream={} epoch={} sequence={}", wall,
                             of.home.to_string(), of.camera.to_string(), to_number(of.tenure),
                             to_number(block.label.stream), block.epoch, block.sequence);
  parts_.late.append(alarm);
}

Result<> Grants::recheck(const Concerned& concerned) {
  std::vector<Suspect> suspects;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, viewing] : viewings_) {
      if (!concerns(concerned, viewing.principal, viewing.camera)) continue;
      if (viewing.state == State::Pending) viewing.rights_changed = true;
      if (viewing.state == State::Active) suspects.push_back(suspect_of(id, viewing));
    }
  }
  return recheck(std::move(suspects));
}

Result<> Grants::recheck(std::vector<Suspect> suspects) {
  FirstError errors;
  for (Suspect& suspect : suspects) {
    std::optional<seal::Label> label;
    const auto verdict = ask(suspect, label);
    if (!verdict) {
      errors.note(std::unexpected(verdict.error()));
      continue;
    }
    if (verdict->refusal) {
      revoke(suspect.id, *verdict->refusal);
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (const auto found = viewings_.find(suspect.id); found != viewings_.end())
      hold_until(found->second, suspect, *verdict);
  }
  return errors.result();
}

Result<> Grants::expire() {
  const SteadyTime now = parts_.clock.steady();
  std::vector<Suspect> run_out;
  std::vector<ViewingId> lapsed;
  std::vector<ViewingId> silent;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, viewing] : viewings_) {
      if (viewing.state == State::Active && viewing.lease_until <= now) lapsed.push_back(id);
      if (viewing.state == State::Active && viewing.holds_until <= parts_.clock.utc())
        run_out.push_back(suspect_of(id, viewing));
      if (viewing.state == State::Revoked && viewing.lease_until <= now) silent.push_back(id);
    }
  }
  for (const ViewingId id : silent) end(id, 0, 0);
  for (const ViewingId id : lapsed) revoke(id, EndReason::LeaseLost);
  return recheck(std::move(run_out));
}

std::size_t Grants::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(viewings_, [](const auto& each) { return each.second.state == State::Active; }));
}

void Grants::revoke(ViewingId id, EndReason reason) {
  RevokedCall call;
  {
    const std::lock_guard lock(mutex_);
    const auto found = viewings_.find(id);
    if (found == viewings_.end() || found->second.state != State::Active) return;
    found->second.state = State::Revoked;
    found->second.why = to_string(reason);
    found->second.lease_until = parts_.clock.steady() + kLease;  // to say what it showed
    call = std::move(found->second.revoked);
  }
  parts_.metrics
      .counter("jalousie_keeper_revocations_total", "Viewings ended by the keeper",
               {{"reason", std::string(to_string(reason))}})
      .add();
  live_.set(static_cast<double>(size()));
  log::info("keeper", "viewing ended",
            {{"viewing", id.to_string()}, {"reason", std::string(to_string(reason))}});
  if (call) call(reason);
}

void Grants::drop(ViewingId id) {
  const std::lock_guard lock(mutex_);
  viewings_.erase(id);
}

ledger::Entry Grants::entry(ledger::EntryKind kind, ViewingId id, const Suspect& of) const {
  ledger::Entry made;
  made.kind = kind;
  made.at = parts_.clock.utc();
  if (of.label) {
    made.home = of.label->home;
    made.tenure = of.label->tenure;
  }
  made.account = of.principal.account;
  made.session = of.principal.session;
  made.camera = of.camera;
  made.viewing = id;
  made.door = of.door.substr(0, ledger::kDoorBytes);
  return made;
}

}  // namespace jalousie::keeper
