package app

import "testing"

// Unfinished attachments lie beside the finished ones unless somebody says
// otherwise: a rename does not cross file systems.
func TestUnfinishedAttachmentsLieBesideTheOthers(t *testing.T) {
	for address, want := range map[string]string{
		"file:///var/lib/linli/blobs":               "file:///var/lib/linli/blobs?no_tmp_dir=true",
		"file:///var/lib/linli/blobs?metadata=skip": "file:///var/lib/linli/blobs?metadata=skip&no_tmp_dir=true",
		"file:///var/lib/linli/blobs?no_tmp_dir=":   "file:///var/lib/linli/blobs?no_tmp_dir=",
		"s3://linli-attachments?region=cn-north-1":  "s3://linli-attachments?region=cn-north-1",
		"mem://": "mem://",
		"file:///var/lib/linli/blobs?no_tmp_dir=true&x=%zz%%": "file:///var/lib/linli/blobs?no_tmp_dir=true&x=%zz%%",
	} {
		if got := beside(address); got != want {
			t.Errorf("%s becomes %s, want %s", address, got, want)
		}
	}
}
