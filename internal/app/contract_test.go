package app

import (
	"testing"

	"gocloud.dev/blob/memblob"

	"linli/approval/contract"
)

func TestDocumentsAreWrittenOnce(t *testing.T) {
	kept := documents{memblob.OpenBucket(nil)}
	defer kept.bucket.Close()
	const sum = "ab12"
	if _, err := kept.Document(t.Context(), sum); err == nil {
		t.Fatal("read what nobody wrote")
	}
	for _, content := range []string{"first", "second"} {
		if err := kept.KeepDocument(t.Context(), sum, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	found, err := kept.Document(t.Context(), sum)
	if err != nil || string(found) != "first" {
		t.Errorf("%q, %v", found, err)
	}
	if there, err := kept.bucket.Exists(t.Context(), contract.Key(sum)); !there || err != nil {
		t.Error("not where readers look for it")
	}
}
