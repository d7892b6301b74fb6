// One authorised watch of one stream: a grant, its opener, a cursor into a ring, and the one session that it
// may send to. The only place where sealed blocks become clear pictures on the way out: each is opened under
// the grant's own label and keys, handed to the sink, and wiped when the sink returns.
//
// A refused opening ends the viewing and raises the alarm; it is never tried again. A lease that cannot be
// renewed in time ends it too. A block of its own label, in an epoch that its opener has no key for, is not
// tried: the wall clock was set. The viewing shows nothing, asks for a renewal at once, and goes on when that
// has brought the key; where it has not within 10 s, the block is refused like any other.
//
// Lives on one loop; every call is made there.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>

#include "base/time.h"
#include "io/loop.h"
#include "keeper/grant.h"
#include "stream/ring.h"
#include "stream/walk.h"

namespace jalousie::stream {

/// One opened picture on its way to a sink. `clear` is good during the call only.
struct Frame {
  const seal::BlockPtr& block;  // for retransmission: keep this, never the clear bytes
  ByteView clear;               // length-prefixed NAL units (codec/access_unit.h)
  std::uint32_t rtp_timestamp;  // 90 kHz, relative to the viewing's first picture
  bool is_live;                 // false while it walks from the key frame to live
};

/// One opened frame of sound, likewise.
struct Sound {
  const seal::BlockPtr& block;
  ByteView clear;      // codec/audio_format.h; its codec is in the block's header
  Microseconds shown;  // when to hear it: on the clock of the pictures' rtp_timestamp
};

/// The session that a viewing may send to.
class Sink {
 public:
  virtual ~Sink() = default;
  /// False while it cannot take a picture: none comes then, and it calls Viewing::pump() when it can. What
  /// comes meanwhile waits in the ring, sealed.
  virtual bool is_ready() const { return true; }
  virtual void on_frame(const Frame& frame) = 0;
  /// Whether sound is to be opened at all.
  virtual bool wants_sound() const { return false; }
  /// Only while pictures are live: on the way there from an older key frame it is silent.
  virtual void on_sound(const Sound&) {}
  /// `count` blocks were skipped; the next frame is a key frame.
  virtual void on_skipped(std::uint64_t count) = 0;
  /// The last call. The viewing may be destroyed from now on, not inside the call.
  virtual void on_ended(keeper::EndReason reason) = 0;
};

/// What was shown, for the ledger.
struct Tally {
  std::uint64_t frames = 0;  // pictures
  std::uint64_t sounds = 0;  // frames of sound
  std::uint64_t bytes = 0;
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
};

/// What a viewing asks of the keeper. No call blocks; answers come back on the viewing's loop. Outlives all
/// viewings.
class GrantOffice {
 public:
  using Renewed = std::move_only_function<void(Result<keeper::Renewal>)>;
  virtual ~GrantOffice() = default;
  virtual void renew(ViewingId viewing, io::Loop& answer_on, Renewed answer) = 0;
  /// A block was refused, and the viewing has ended by it: the alarm, and its end, in this order. ended() is
  /// not called.
  virtual void refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& header,
                       const Tally& tally) = 0;
  virtual void ended(ViewingId viewing, const Tally& tally) = 0;
};

class Shard;

class Viewing {
 public:
  /// Use Shard::watch().
  Viewing(Shard& shard, StreamId stream, keeper::Grant grant, GrantOffice& office, Sink& sink);
  ~Viewing();
  Viewing(const Viewing&) = delete;
  Viewing& operator=(const Viewing&) = delete;

  ViewingId id() const { return grant_.viewing; }
  const seal::StreamLabel& label() const { return label_; }
  const Tally& tally() const { return tally_; }
  bool has_ended() const { return ended_; }

  /// Pictures may flow: the session is connected.
  void start();
  /// Sends what is due. The shard calls it when a block came, the sink when it is ready again.
  void pump();
  /// Opens a block once more that was shown before, for retransmission. A refusal ends the viewing. Nothing
  /// when its epoch's key went with an earlier lease, or too much has been opened since.
  std::optional<seal::Clear> reopen(const seal::BlockPtr& block);
  /// The viewer lost its way (PLI): goes back to the newest key frame and walks to live again, at most once a
  /// second. Where that one cannot be opened any more, the next is waited for.
  void key_frame_wanted();
  /// Ends it: keys wiped, nothing more is sent, the sink told.
  void end(keeper::EndReason reason);

 private:
  bool find_start(SteadyTime now);
  /// Whether something was skipped.
  bool follow_skip(std::uint64_t lost, SteadyTime now);
  bool is_held(SteadyTime now);
  void hold(const seal::BlockPtr& block, SteadyTime now);
  bool take(const seal::BlockPtr& block);
  bool show(const seal::BlockPtr& block);
  bool lacks_references(const seal::BlockHeader& header);
  bool hear(const seal::BlockPtr& block);
  void refuse(seal::Refusal refusal, const seal::BlockHeader& header);
  void schedule_renewal();
  void ask_renewal();
  void start_lease();
  void stop();
  void renewed(Result<keeper::Renewal> renewal);

  Shard& shard_;
  seal::StreamLabel label_;
  keeper::Grant grant_;
  seal::Opener& opener_;
  GrantOffice& office_;
  Sink& sink_;
  const Ring* ring_ = nullptr;
  std::optional<Walk> walk_;
  Cursor cursor_;
  std::uint64_t opened_until_ = 0;  // ring positions below were opened once
  std::optional<SteadyTime> due_;   // of the block at the cursor, once known
  SteadyTime restart_after_{};      // no going back to a key frame before then
  unsigned keys_since_jump_ = 0;    // key frames since it began, or jumped to one
  std::uint64_t restarted_at_ = 0;  // ring position of the key frame gone back to last
  int restarts_ = 0;                // how often, for that one
  seal::BlockPtr held_;             // there was no key for its epoch when it was its turn
  SteadyTime held_since_{};         // since then nothing is shown
  SteadyTime ask_after_{};          // no asking for its key before then
  int asked_ = 0;                   // renewals that have not been answered
  bool answered_ = false;           // one has, since held_since_
  io::Timer pace_;
  io::Timer renewal_;
  io::Timer lease_;
  Tally tally_;
  bool started_ = false;
  bool ended_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for answers that come after us
};

}  // namespace jalousie::stream
