package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Genesis is what the first entry of every chain names as its predecessor.
const Genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// Broken names the first entry of a chain that does not fit. Index counts from
// 1; CaseID is what the entry claims to be about.
type Broken struct {
	Index  int64
	CaseID string
	Reason string
}

// Error says which entry is wrong and how, in one line.
func (b *Broken) Error() string {
	return fmt.Sprintf("entry %d (case %s): %s", b.Index, b.CaseID, b.Reason)
}

// HashBytes is the lower-case hex SHA-256 of data.
func HashBytes(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// fields hashes a version line and then every field as "length:text\n": no
// two different lists of fields render alike, whatever the texts hold.
func fields(version string, texts ...string) string {
	hash := sha256.New()
	io.WriteString(hash, version+"\n")
	for _, text := range texts {
		io.WriteString(hash, strconv.Itoa(len(text))+":"+text+"\n")
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func instant(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
