// Opens blocks for one viewing of one stream: the second, independent check between what a cache handed over
// and who is watching. The expected label and the keys come from the grant, never from the block. Made by the
// keeper; only the stream room is handed one. Used from one loop.
#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "seal/block.h"

namespace jalousie::seal {

/// Why a block was not opened. Each is an alarm, not a retry.
enum class Refusal : std::uint8_t {
  WrongLabel,  // it is of another home, camera, tenure or stream than the grant's
  WrongKey,    // the commitment does not fit the grant's key for its epoch, or there is none
  Broken,      // the tag does not fit: altered or truncated
  Replayed,    // opened before, too old for the window, or out of the chain
};
std::string_view to_string(Refusal refusal);  // "wrong_label", ...

/// A clear unit. Only an opener makes one; its bytes are wiped when it goes.
class Clear {
 public:
  Clear(Clear&& other) noexcept = default;  // a moved-from vector is empty
  Clear& operator=(Clear&& other) noexcept;
  Clear(const Clear&) = delete;
  Clear& operator=(const Clear&) = delete;
  ~Clear();

  ByteView bytes() const { return bytes_; }

 private:
  friend class Opener;
  explicit Clear(Buffer bytes) : bytes_(std::move(bytes)) {}
  Buffer bytes_;
};

struct OpenerKeys;  // seal/keys.h, for the keeper only

/// Keys on their way from the keeper to an opener: others carry them and cannot look inside.
struct OpenerKeysDeleter {
  void operator()(OpenerKeys* keys) const noexcept;
};
using OpenerKeysPtr = std::unique_ptr<OpenerKeys, OpenerKeysDeleter>;

class Opener {
 public:
  Opener(StreamLabel label, OpenerKeysPtr keys);
  ~Opener();
  Opener(Opener&&) noexcept;
  Opener& operator=(Opener&&) noexcept;

  const StreamLabel& label() const;
  /// In this order: the label, in constant time; the commitment; the tag; the sequence window and the chain.
  /// The window is of 4096 blocks and begins at the first one opened; a block right after the newest must
  /// name that one as its previous.
  std::expected<Clear, Refusal> open(const Block& block);
  /// Whether `block` says that it is of this opener's own label, and of an epoch that none of its keys is
  /// for. What open() would refuse as WrongKey for this alone, which the next lease's keys may mend: the wall
  /// clock was set, and the camera's pictures are in an epoch that nobody could foresee.
  bool lacks_key_of(const Block& block) const;
  /// Whether `block` says that it is of this opener's own label, and older than the window: what would be
  /// refused as Replayed for this alone. Ask before going back to a block that was opened long ago.
  bool is_behind_window(const Block& block) const;
  /// For retransmission: a block that this opener has opened, as long as it is inside the window. All other
  /// checks stand.
  std::expected<Clear, Refusal> reopen(const Block& block);
  /// The keys of the next lease, in place of those before, which are wiped. Keys of another label are not
  /// taken. They come from Keeper::renew().
  void renew(OpenerKeysPtr keys);
  /// Wipes all keys: from here on every block of its label is refused as WrongKey.
  void forget();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::seal
