;; The inner loops of resizing and of writing inputs, sixteen bytes at a time.
;; They compute what resize/resample-passes.ts and preprocess/planes.ts define, to the last bit.
;; Addresses and strides are in bytes. Reading goes up to 21 bytes behind a row, writing up to 15: leave room.
;;
;; Weights are in units of 2^-22. A pair of them is the upper parts of both, in units of 2^-11, as two i16, then the
;; lower eleven bits of both: sums of products of 16 bits are quick.
;;
;; A blend of two samples is second + (first - second) * factor, rounded: one product of 16 bits, where there is a
;; factor in units of 2^-15 that gives what the weights give for every two bytes. blend-factor.ts finds it.
;;
;; A record of one output sample: i32 first (which source sample is its first), i32 count of pairs, and the pairs; or 0
;; pairs and an i32 factor. Records are $record bytes apart. An odd number of samples is made even by one of weight 0.
(module
  (import "env" "memory" (memory 1 32768 shared))

  ;; The horizontal pass over rows of three bytes a pixel, whatever the weights; records without blends.
  ;; Works on four rows at a time, so up to three rows behind the last are read and written.
  (func (export "resampleRows")
    (param $from i32) (param $rowIn i32) (param $height i32)
    (param $records i32) (param $record i32) (param $width i32)
    (param $to i32) (param $rowOut i32)
    (local $x i32) (local $r i32) (local $p i32) (local $w i32) (local $end i32) (local $q i32)
    (local $upper v128) (local $lower v128) (local $pair v128) (local $first v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $aRest v128) (local $bRest v128) (local $cRest v128) (local $dRest v128)
    (loop $rows
      (local.set $x (i32.const 0))
      (local.set $r (local.get $records))
      (local.set $q (local.get $to))
      (loop $columns
        (local.set $p (i32.add (local.get $from) (i32.mul (i32.load (local.get $r)) (i32.const 3))))
        (local.set $w (i32.add (local.get $r) (i32.const 8)))
        (local.set $end (i32.add (local.get $w) (i32.shl (i32.load offset=4 (local.get $r)) (i32.const 3))))
        ;; One half, so that the shift rounds.
        (local.set $a (v128.const i32x4 1024 1024 1024 1024))
        (local.set $b (local.get $a))
        (local.set $c (local.get $a))
        (local.set $d (local.get $a))
        (local.set $aRest (v128.const i32x4 0 0 0 0))
        (local.set $bRest (local.get $aRest))
        (local.set $cRest (local.get $aRest))
        (local.set $dRest (local.get $aRest))
        (loop $pairs
          (local.set $upper (v128.load32_splat (local.get $w)))
          (local.set $lower (v128.load32_splat offset=4 (local.get $w)))
          (local.set $pair (i8x16.swizzle (v128.load64_zero (local.get $p))
            (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s (local.get $pair) (local.get $upper))))
          (local.set $aRest (i32x4.add (local.get $aRest) (i32x4.dot_i16x8_s (local.get $pair) (local.get $lower))))
          (local.set $pair (i8x16.swizzle (v128.load64_zero (i32.add (local.get $p) (local.get $rowIn)))
            (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1)))
          (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s (local.get $pair) (local.get $upper))))
          (local.set $bRest (i32x4.add (local.get $bRest) (i32x4.dot_i16x8_s (local.get $pair) (local.get $lower))))
          (local.set $pair (i8x16.swizzle (v128.load64_zero (i32.add (local.get $p) (i32.shl (local.get $rowIn) (i32.const 1))))
            (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1)))
          (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s (local.get $pair) (local.get $upper))))
          (local.set $cRest (i32x4.add (local.get $cRest) (i32x4.dot_i16x8_s (local.get $pair) (local.get $lower))))
          (local.set $pair (i8x16.swizzle (v128.load64_zero (i32.add (local.get $p) (i32.mul (local.get $rowIn) (i32.const 3))))
            (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1)))
          (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s (local.get $pair) (local.get $upper))))
          (local.set $dRest (i32x4.add (local.get $dRest) (i32x4.dot_i16x8_s (local.get $pair) (local.get $lower))))
          (local.set $p (i32.add (local.get $p) (i32.const 6)))
          (br_if $pairs (i32.lt_u (local.tee $w (i32.add (local.get $w) (i32.const 8))) (local.get $end)))
        )
        ;; Narrowing saturates, which clamps to 0 ... 255.
        (local.set $a (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $a) (i32.const 11)) (local.get $aRest)) (i32.const 22))
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $b) (i32.const 11)) (local.get $bRest)) (i32.const 22)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $c) (i32.const 11)) (local.get $cRest)) (i32.const 22))
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $d) (i32.const 11)) (local.get $dRest)) (i32.const 22)))))
        (if (i32.eqz (local.get $x)) (then (local.set $first (local.get $a))))
        (v128.store32_lane 0 (local.get $q) (local.get $a))
        (v128.store32_lane 1 (i32.add (local.get $q) (local.get $rowOut)) (local.get $a))
        (v128.store32_lane 2 (i32.add (local.get $q) (i32.shl (local.get $rowOut) (i32.const 1))) (local.get $a))
        (v128.store32_lane 3 (i32.add (local.get $q) (i32.mul (local.get $rowOut) (i32.const 3))) (local.get $a))
        (local.set $q (i32.add (local.get $q) (i32.const 3)))
        (local.set $r (i32.add (local.get $r) (local.get $record)))
        (br_if $columns (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $width)))
      )
      ;; A row's last pixel was written with a byte too many, over the next row's first.
      (v128.store8_lane 4 (i32.add (local.get $to) (local.get $rowOut)) (local.get $first))
      (v128.store8_lane 8 (i32.add (local.get $to) (i32.shl (local.get $rowOut) (i32.const 1))) (local.get $first))
      (v128.store8_lane 12 (i32.add (local.get $to) (i32.mul (local.get $rowOut) (i32.const 3))) (local.get $first))
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $rowIn) (i32.const 2))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $rowOut) (i32.const 2))))
      (br_if $rows (i32.gt_s (local.tee $height (i32.sub (local.get $height) (i32.const 4))) (i32.const 0)))
    )
  )

  ;; The horizontal pass where neighbours in the output have neighbours in the source, eight bytes of a row at a time.
  ;; A record of $record bytes for each eight: i32 where they go, i32 whether they are blends, two i32 where the sources
  ;; of the first and the last four bytes begin; the rest as $blendPart and $mixPart have it. Sixteen rows at a time stay
  ;; in the cache while the records pass. Of an odd number of rows one behind the last is read and written.
  (func (export "resampleNearRows")
    (param $from i32) (param $rowIn i32) (param $height i32)
    (param $records i32) (param $record i32) (param $count i32)
    (param $to i32) (param $rowOut i32)
    (local $r i32) (local $n i32) (local $rows i32) (local $out i32)
    (loop $blocks
      (local.set $rows (select (local.get $height) (i32.const 16) (i32.lt_u (local.get $height) (i32.const 16))))
      (local.set $r (local.get $records))
      (local.set $n (local.get $count))
      (loop $parts
        (local.set $out (i32.add (local.get $to) (i32.load (local.get $r))))
        (if (i32.load offset=4 (local.get $r))
          (then (call $blendPart (local.get $from) (local.get $rowIn) (local.get $rows) (local.get $r) (local.get $out) (local.get $rowOut)))
          (else (call $mixPart (local.get $from) (local.get $rowIn) (local.get $rows) (local.get $r) (local.get $out) (local.get $rowOut))))
        (local.set $r (i32.add (local.get $r) (local.get $record)))
        (br_if $parts (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
      )
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $rowIn) (i32.const 4))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $rowOut) (i32.const 4))))
      (br_if $blocks (local.tee $height (i32.sub (local.get $height) (local.get $rows))))
    )
  )

  ;; Eight bytes of each row, blends of two. Behind the record's head: which of the source's sixteen bytes are their
  ;; first samples and which their second ones, then eight i16 of factors.
  (func $blendPart
    (param $from i32) (param $rowIn i32) (param $rows i32) (param $r i32) (param $to i32) (param $rowOut i32)
    (local $order v128) (local $factors v128) (local $bytes v128) (local $a v128) (local $b v128)
    (local.set $from (i32.add (local.get $from) (i32.load offset=8 (local.get $r))))
    (local.set $order (v128.load offset=16 (local.get $r)))
    (local.set $factors (v128.load offset=32 (local.get $r)))
    (loop $two
      (local.set $bytes (i8x16.swizzle (v128.load (local.get $from)) (local.get $order)))
      (local.set $a (i16x8.extend_high_i8x16_u (local.get $bytes)))
      (local.set $a (i16x8.add (local.get $a)
        (i16x8.q15mulr_sat_s
          (i16x8.sub (i16x8.extend_low_i8x16_u (local.get $bytes)) (local.get $a))
          (local.get $factors))))
      (local.set $bytes (i8x16.swizzle (v128.load (i32.add (local.get $from) (local.get $rowIn))) (local.get $order)))
      (local.set $b (i16x8.extend_high_i8x16_u (local.get $bytes)))
      (local.set $b (i16x8.add (local.get $b)
        (i16x8.q15mulr_sat_s
          (i16x8.sub (i16x8.extend_low_i8x16_u (local.get $bytes)) (local.get $b))
          (local.get $factors))))
      (local.set $a (i8x16.narrow_i16x8_u (local.get $a) (local.get $b)))
      (v128.store64_lane 0 (local.get $to) (local.get $a))
      (v128.store64_lane 1 (i32.add (local.get $to) (local.get $rowOut)) (local.get $a))
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $rowIn) (i32.const 1))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $rowOut) (i32.const 1))))
      (br_if $two (i32.gt_s (local.tee $rows (i32.sub (local.get $rows) (i32.const 2))) (i32.const 0)))
    )
  )

  ;; Eight bytes of each row, sums of up to four samples. Behind the record's head for the first and for the last four:
  ;; which of the source's sixteen bytes are pairs of samples of each, as i16; the upper and lower parts of those pairs'
  ;; weights, four times two i16 each; and of the pairs two pixels further on.
  (func $mixPart
    (param $from i32) (param $rowIn i32) (param $rows i32) (param $r i32) (param $to i32) (param $rowOut i32)
    (local $p i32) (local $q i32) (local $pair v128) (local $next v128) (local $a v128) (local $b v128)
    (local $order v128) (local $upper v128) (local $lower v128) (local $nextUpper v128) (local $nextLower v128)
    (local $lastOrder v128) (local $lastUpper v128) (local $lastLower v128)
    (local $lastNextUpper v128) (local $lastNextLower v128)
    (local.set $p (i32.add (local.get $from) (i32.load offset=8 (local.get $r))))
    (local.set $q (i32.add (local.get $from) (i32.load offset=12 (local.get $r))))
    (local.set $order (v128.load offset=16 (local.get $r)))
    (local.set $upper (v128.load offset=32 (local.get $r)))
    (local.set $lower (v128.load offset=48 (local.get $r)))
    (local.set $nextUpper (v128.load offset=64 (local.get $r)))
    (local.set $nextLower (v128.load offset=80 (local.get $r)))
    (local.set $lastOrder (v128.load offset=96 (local.get $r)))
    (local.set $lastUpper (v128.load offset=112 (local.get $r)))
    (local.set $lastLower (v128.load offset=128 (local.get $r)))
    (local.set $lastNextUpper (v128.load offset=144 (local.get $r)))
    (local.set $lastNextLower (v128.load offset=160 (local.get $r)))
    (loop $each
      (local.set $pair (i8x16.swizzle (v128.load (local.get $p)) (local.get $order)))
      (local.set $next (i8x16.swizzle (v128.load offset=6 (local.get $p)) (local.get $order)))
      (local.set $a (i32x4.shr_s
        (i32x4.add
          (i32x4.shl (i32x4.add (i32x4.dot_i16x8_s (local.get $pair) (local.get $upper)) (i32x4.dot_i16x8_s (local.get $next) (local.get $nextUpper))) (i32.const 11))
          (i32x4.add (i32x4.dot_i16x8_s (local.get $pair) (local.get $lower)) (i32x4.dot_i16x8_s (local.get $next) (local.get $nextLower))))
        (i32.const 21)))
      (local.set $pair (i8x16.swizzle (v128.load (local.get $q)) (local.get $lastOrder)))
      (local.set $next (i8x16.swizzle (v128.load offset=6 (local.get $q)) (local.get $lastOrder)))
      (local.set $b (i32x4.shr_s
        (i32x4.add
          (i32x4.shl (i32x4.add (i32x4.dot_i16x8_s (local.get $pair) (local.get $lastUpper)) (i32x4.dot_i16x8_s (local.get $next) (local.get $lastNextUpper))) (i32.const 11))
          (i32x4.add (i32x4.dot_i16x8_s (local.get $pair) (local.get $lastLower)) (i32x4.dot_i16x8_s (local.get $next) (local.get $lastNextLower))))
        (i32.const 21)))
      (local.set $a (i16x8.avgr_u (i16x8.narrow_i32x4_u (local.get $a) (local.get $b)) (v128.const i64x2 0 0)))
      (v128.store64_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $a) (local.get $a)))
      (local.set $p (i32.add (local.get $p) (local.get $rowIn)))
      (local.set $q (i32.add (local.get $q) (local.get $rowIn)))
      (local.set $to (i32.add (local.get $to) (local.get $rowOut)))
      (br_if $each (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))
    )
  )

  ;; The vertical pass over rows of $length bytes, which become rows without a gap.
  (func (export "resampleColumns")
    (param $from i32) (param $rowIn i32) (param $length i32)
    (param $records i32) (param $record i32) (param $height i32)
    (param $to i32)
    (local $first i32) (local $pairs i32) (local $w i32)
    (loop $rows
      (local.set $first (i32.add (local.get $from) (i32.mul (i32.load (local.get $records)) (local.get $rowIn))))
      (local.set $pairs (i32.load offset=4 (local.get $records)))
      (local.set $w (i32.add (local.get $records) (i32.const 8)))
      (if (i32.eqz (local.get $pairs))
        (then (call $blendRows (local.get $first) (local.get $rowIn) (local.get $length) (local.get $w) (local.get $to)))
        (else (if (i32.eq (local.get $pairs) (i32.const 2))
          (then (call $mixFourRows (local.get $first) (local.get $rowIn) (local.get $length) (local.get $w) (local.get $to)))
          (else (call $mixRows (local.get $first) (local.get $rowIn) (local.get $length) (local.get $w) (local.get $pairs) (local.get $to))))))
      (local.set $to (i32.add (local.get $to) (local.get $length)))
      (local.set $records (i32.add (local.get $records) (local.get $record)))
      (br_if $rows (local.tee $height (i32.sub (local.get $height) (i32.const 1))))
    )
  )

  ;; A blend of two rows.
  (func $blendRows (param $p i32) (param $rowIn i32) (param $length i32) (param $w i32) (param $to i32)
    (local $q i32) (local $end i32) (local $factor v128) (local $a v128) (local $b v128)
    (local.set $q (i32.add (local.get $p) (local.get $rowIn)))
    (local.set $end (i32.add (local.get $p) (local.get $length)))
    (local.set $factor (v128.load16_splat (local.get $w)))
    (loop $groups
      (local.set $a (v128.load8x8_u (local.get $q)))
      (local.set $a (i16x8.add (local.get $a)
        (i16x8.q15mulr_sat_s (i16x8.sub (v128.load8x8_u (local.get $p)) (local.get $a)) (local.get $factor))))
      (local.set $b (v128.load8x8_u offset=8 (local.get $q)))
      (local.set $b (i16x8.add (local.get $b)
        (i16x8.q15mulr_sat_s (i16x8.sub (v128.load8x8_u offset=8 (local.get $p)) (local.get $b)) (local.get $factor))))
      (v128.store (local.get $to) (i8x16.narrow_i16x8_u (local.get $a) (local.get $b)))
      (local.set $q (i32.add (local.get $q) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $groups (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 16))) (local.get $end)))
    )
  )

  ;; A sum of four rows: two pairs.
  (func $mixFourRows (param $p i32) (param $rowIn i32) (param $length i32) (param $w i32) (param $to i32)
    (local $end i32) (local $third i32) (local $fourth i32)
    (local $row0 v128) (local $row1 v128) (local $row2 v128) (local $row3 v128)
    (local $pair v128) (local $next v128) (local $x v128) (local $y v128)
    (local $upper v128) (local $lower v128) (local $nextUpper v128) (local $nextLower v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $upper (v128.load32_splat (local.get $w)))
    (local.set $lower (v128.load32_splat offset=4 (local.get $w)))
    (local.set $nextUpper (v128.load32_splat offset=8 (local.get $w)))
    (local.set $nextLower (v128.load32_splat offset=12 (local.get $w)))
    (local.set $third (i32.shl (local.get $rowIn) (i32.const 1)))
    (local.set $fourth (i32.mul (local.get $rowIn) (i32.const 3)))
    (local.set $end (i32.add (local.get $p) (local.get $length)))
    (loop $groups
      (local.set $row0 (v128.load (local.get $p)))
      (local.set $row1 (v128.load (i32.add (local.get $p) (local.get $rowIn))))
      (local.set $row2 (v128.load (i32.add (local.get $p) (local.get $third))))
      (local.set $row3 (v128.load (i32.add (local.get $p) (local.get $fourth))))
      (local.set $pair (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $row0) (local.get $row1)))
      (local.set $next (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $row2) (local.get $row3)))
      (local.set $x (i16x8.extend_low_i8x16_u (local.get $pair)))
      (local.set $y (i16x8.extend_low_i8x16_u (local.get $next)))
      (local.set $a (i32x4.shr_s
        (i32x4.add
          (i32x4.shl (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $upper)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextUpper))) (i32.const 11))
          (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $lower)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextLower))))
        (i32.const 21)))
      (local.set $x (i16x8.extend_high_i8x16_u (local.get $pair)))
      (local.set $y (i16x8.extend_high_i8x16_u (local.get $next)))
      (local.set $b (i32x4.shr_s
        (i32x4.add
          (i32x4.shl (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $upper)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextUpper))) (i32.const 11))
          (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $lower)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextLower))))
        (i32.const 21)))
      (local.set $pair (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $row0) (local.get $row1)))
      (local.set $next (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $row2) (local.get $row3)))
      (local.set $x (i16x8.extend_low_i8x16_u (local.get $pair)))
      (local.set $y (i16x8.extend_low_i8x16_u (local.get $next)))
      (local.set $c (i32x4.shr_s
        (i32x4.add
          (i32x4.shl (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $upper)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextUpper))) (i32.const 11))
          (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $lower)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextLower))))
        (i32.const 21)))
      (local.set $x (i16x8.extend_high_i8x16_u (local.get $pair)))
      (local.set $y (i16x8.extend_high_i8x16_u (local.get $next)))
      (local.set $d (i32x4.shr_s
        (i32x4.add
          (i32x4.shl (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $upper)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextUpper))) (i32.const 11))
          (i32x4.add (i32x4.dot_i16x8_s (local.get $x) (local.get $lower)) (i32x4.dot_i16x8_s (local.get $y) (local.get $nextLower))))
        (i32.const 21)))
      (v128.store (local.get $to)
        (i8x16.narrow_i16x8_u
          (i16x8.avgr_u (i16x8.narrow_i32x4_u (local.get $a) (local.get $b)) (v128.const i64x2 0 0))
          (i16x8.avgr_u (i16x8.narrow_i32x4_u (local.get $c) (local.get $d)) (v128.const i64x2 0 0))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (br_if $groups (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 16))) (local.get $end)))
    )
  )

  ;; A sum of rows, whatever their number.
  (func $mixRows
    (param $from i32) (param $rowIn i32) (param $length i32) (param $weights i32) (param $pairs i32) (param $to i32)
    (local $x i32) (local $p i32) (local $w i32) (local $end i32)
    (local $upper v128) (local $lower v128) (local $bytes v128) (local $next v128) (local $pair v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $aRest v128) (local $bRest v128) (local $cRest v128) (local $dRest v128)
    (local.set $end (i32.add (local.get $weights) (i32.shl (local.get $pairs) (i32.const 3))))
    (loop $groups
      (local.set $p (i32.add (local.get $from) (local.get $x)))
      (local.set $w (local.get $weights))
      ;; One half, so that the shift rounds.
      (local.set $a (v128.const i32x4 1024 1024 1024 1024))
      (local.set $b (local.get $a))
      (local.set $c (local.get $a))
      (local.set $d (local.get $a))
      (local.set $aRest (v128.const i32x4 0 0 0 0))
      (local.set $bRest (local.get $aRest))
      (local.set $cRest (local.get $aRest))
      (local.set $dRest (local.get $aRest))
      (loop $pairs
        (local.set $upper (v128.load32_splat (local.get $w)))
        (local.set $lower (v128.load32_splat offset=4 (local.get $w)))
        (local.set $bytes (v128.load (local.get $p)))
        (local.set $next (v128.load (i32.add (local.get $p) (local.get $rowIn))))
        ;; A byte of the one row and that of the next, side by side.
        (local.set $pair (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $bytes) (local.get $next)))
        (local.set $next (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $bytes) (local.get $next)))
        (local.set $bytes (i16x8.extend_low_i8x16_u (local.get $pair)))
        (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $upper))))
        (local.set $aRest (i32x4.add (local.get $aRest) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $lower))))
        (local.set $bytes (i16x8.extend_high_i8x16_u (local.get $pair)))
        (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $upper))))
        (local.set $bRest (i32x4.add (local.get $bRest) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $lower))))
        (local.set $bytes (i16x8.extend_low_i8x16_u (local.get $next)))
        (local.set $c (i32x4.add (local.get $c) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $upper))))
        (local.set $cRest (i32x4.add (local.get $cRest) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $lower))))
        (local.set $bytes (i16x8.extend_high_i8x16_u (local.get $next)))
        (local.set $d (i32x4.add (local.get $d) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $upper))))
        (local.set $dRest (i32x4.add (local.get $dRest) (i32x4.dot_i16x8_s (local.get $bytes) (local.get $lower))))
        (local.set $p (i32.add (local.get $p) (i32.shl (local.get $rowIn) (i32.const 1))))
        (br_if $pairs (i32.lt_u (local.tee $w (i32.add (local.get $w) (i32.const 8))) (local.get $end)))
      )
      (v128.store (i32.add (local.get $to) (local.get $x))
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $a) (i32.const 11)) (local.get $aRest)) (i32.const 22))
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $b) (i32.const 11)) (local.get $bRest)) (i32.const 22)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $c) (i32.const 11)) (local.get $cRest)) (i32.const 22))
            (i32x4.shr_s (i32x4.add (i32x4.shl (local.get $d) (i32.const 11)) (local.get $dRest)) (i32.const 22)))))
      (br_if $groups (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $length)))
    )
  )

  ;; Each byte three times, sixteen bytes at a time.
  (func (export "spreadGrey") (param $from i32) (param $to i32) (param $count i32)
    (local $bytes v128)
    (loop $groups
      (local.set $bytes (v128.load (local.get $from)))
      (v128.store (local.get $to)
        (i8x16.swizzle (local.get $bytes) (v128.const i8x16 0 0 0 1 1 1 2 2 2 3 3 3 4 4 4 5)))
      (v128.store offset=16 (local.get $to)
        (i8x16.swizzle (local.get $bytes) (v128.const i8x16 5 5 6 6 6 7 7 7 8 8 8 9 9 9 10 10)))
      (v128.store offset=32 (local.get $to)
        (i8x16.swizzle (local.get $bytes) (v128.const i8x16 10 11 11 11 12 12 12 13 13 13 14 14 14 15 15 15)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 48)))
      (br_if $groups (i32.gt_s (local.tee $count (i32.sub (local.get $count) (i32.const 16))) (i32.const 0)))
    )
  )

  ;; The first byte of each pixel's three, five pixels at a time.
  (func (export "takeGrey") (param $from i32) (param $to i32) (param $count i32)
    (loop $groups
      (v128.store64_lane 0 (local.get $to)
        (i8x16.swizzle (v128.load (local.get $from)) (v128.const i8x16 0 3 6 9 12 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1)))
      (local.set $from (i32.add (local.get $from) (i32.const 15)))
      (local.set $to (i32.add (local.get $to) (i32.const 5)))
      (br_if $groups (i32.gt_s (local.tee $count (i32.sub (local.get $count) (i32.const 5))) (i32.const 0)))
    )
  )

  ;; Rows of three bytes a pixel become three planes of f32, each byte as ((byte * $fine + byte * $rest) - mean) / std,
  ;; every step rounded. At 0 lies the order in which a group's sixteen bytes are taken: red, green, blue and one unused
  ;; of each of four pixels; behind it $fine, $rest, and red's, green's and blue's mean and std.
  ;; $from is the first row's first group, $step leads from its first pixel to the next one's: 3, or -3 for a mirror
  ;; image. Two groups at a time, so rows have eight pixels at least: the last two end with their row, over what those
  ;; before them wrote.
  (func (export "writeLevels")
    (param $from i32) (param $rowIn i32) (param $step i32) (param $width i32) (param $height i32)
    (param $red i32) (param $green i32) (param $blue i32) (param $rowOut i32)
    (local $x i32) (local $last i32) (local $to i32) (local $p i32)
    (local $order v128) (local $fine v128) (local $rest v128)
    (local $redMean v128) (local $greenMean v128) (local $blueMean v128)
    (local $redStd v128) (local $greenStd v128) (local $blueStd v128)
    (local $bytes v128) (local $r v128) (local $g v128) (local $b v128)
    (local.set $order (v128.load (i32.const 0)))
    (local.set $fine (v128.load32_splat (i32.const 16)))
    (local.set $rest (v128.load32_splat (i32.const 20)))
    (local.set $redMean (v128.load32_splat (i32.const 24)))
    (local.set $greenMean (v128.load32_splat (i32.const 28)))
    (local.set $blueMean (v128.load32_splat (i32.const 32)))
    (local.set $redStd (v128.load32_splat (i32.const 36)))
    (local.set $greenStd (v128.load32_splat (i32.const 40)))
    (local.set $blueStd (v128.load32_splat (i32.const 44)))
    (local.set $last (i32.sub (local.get $width) (i32.const 8)))
    (loop $rows
      (local.set $x (i32.const 0))
      (loop $groups
        (local.set $p (i32.add (local.get $from) (i32.mul (local.get $x) (local.get $step))))
        (local.set $to (i32.shl (local.get $x) (i32.const 2)))
        ;; A place beyond sixteen gives 0: bytes become whole numbers of 32 bits.
        (local.set $bytes (i8x16.swizzle (v128.load (local.get $p)) (local.get $order)))
        (local.set $r (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes)
          (v128.const i8x16 0 -1 -1 -1 4 -1 -1 -1 8 -1 -1 -1 12 -1 -1 -1))))
        (local.set $g (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes)
          (v128.const i8x16 1 -1 -1 -1 5 -1 -1 -1 9 -1 -1 -1 13 -1 -1 -1))))
        (local.set $b (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes)
          (v128.const i8x16 2 -1 -1 -1 6 -1 -1 -1 10 -1 -1 -1 14 -1 -1 -1))))
        (v128.store (i32.add (local.get $red) (local.get $to))
          (f32x4.div
            (f32x4.sub
              (f32x4.add (f32x4.mul (local.get $r) (local.get $fine)) (f32x4.mul (local.get $r) (local.get $rest)))
              (local.get $redMean))
            (local.get $redStd)))
        (v128.store (i32.add (local.get $green) (local.get $to))
          (f32x4.div
            (f32x4.sub
              (f32x4.add (f32x4.mul (local.get $g) (local.get $fine)) (f32x4.mul (local.get $g) (local.get $rest)))
              (local.get $greenMean))
            (local.get $greenStd)))
        (v128.store (i32.add (local.get $blue) (local.get $to))
          (f32x4.div
            (f32x4.sub
              (f32x4.add (f32x4.mul (local.get $b) (local.get $fine)) (f32x4.mul (local.get $b) (local.get $rest)))
              (local.get $blueMean))
            (local.get $blueStd)))
        (local.set $bytes (i8x16.swizzle (v128.load (i32.add (local.get $p) (i32.shl (local.get $step) (i32.const 2)))) (local.get $order)))
        (local.set $r (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes)
          (v128.const i8x16 0 -1 -1 -1 4 -1 -1 -1 8 -1 -1 -1 12 -1 -1 -1))))
        (local.set $g (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes)
          (v128.const i8x16 1 -1 -1 -1 5 -1 -1 -1 9 -1 -1 -1 13 -1 -1 -1))))
        (local.set $b (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes)
          (v128.const i8x16 2 -1 -1 -1 6 -1 -1 -1 10 -1 -1 -1 14 -1 -1 -1))))
        (v128.store offset=16 (i32.add (local.get $red) (local.get $to))
          (f32x4.div
            (f32x4.sub
              (f32x4.add (f32x4.mul (local.get $r) (local.get $fine)) (f32x4.mul (local.get $r) (local.get $rest)))
              (local.get $redMean))
            (local.get $redStd)))
        (v128.store offset=16 (i32.add (local.get $green) (local.get $to))
          (f32x4.div
            (f32x4.sub
              (f32x4.add (f32x4.mul (local.get $g) (local.get $fine)) (f32x4.mul (local.get $g) (local.get $rest)))
              (local.get $greenMean))
            (local.get $greenStd)))
        (v128.store offset=16 (i32.add (local.get $blue) (local.get $to))
          (f32x4.div
            (f32x4.sub
              (f32x4.add (f32x4.mul (local.get $b) (local.get $fine)) (f32x4.mul (local.get $b) (local.get $rest)))
              (local.get $blueMean))
            (local.get $blueStd)))
        (if (i32.lt_s (local.tee $x (i32.add (local.get $x) (i32.const 8))) (local.get $width))
          (then
            (local.set $x
              (select (local.get $x) (local.get $last) (i32.lt_s (local.get $x) (local.get $last))))
            (br $groups)
          )
        )
      )
      (local.set $from (i32.add (local.get $from) (local.get $rowIn)))
      (local.set $red (i32.add (local.get $red) (local.get $rowOut)))
      (local.set $green (i32.add (local.get $green) (local.get $rowOut)))
      (local.set $blue (i32.add (local.get $blue) (local.get $rowOut)))
      (br_if $rows (local.tee $height (i32.sub (local.get $height) (i32.const 1))))
    )
  )
)
