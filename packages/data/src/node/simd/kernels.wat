;; The inner loops of resizing and of writing inputs, sixteen bytes at a time.
;; They compute what resize/resample-passes.ts and preprocess/planes.ts define, to the last bit.
;; Addresses and strides are in bytes. Reading goes up to 15 bytes behind a row, writing as far: leave room.
;;
;; A record of the weights of one output sample: i32 first (where its first source sample lies, in bytes from the
;; row's or the column's begin), i32 count, i32 weights[count] in units of 2^-22; records are $record bytes apart.
(module
  (import "env" "memory" (memory 1 32768 shared))

  ;; The horizontal pass: rows of three bytes a pixel become rows of four, whose last byte is meaningless.
  ;; Works on four rows at a time, so up to three rows behind the last are read and written.
  (func (export "resampleRows")
    (param $from i32) (param $rowIn i32) (param $height i32)
    (param $records i32) (param $record i32) (param $width i32)
    (param $to i32) (param $rowOut i32)
    (local $x i32) (local $r i32) (local $p i32) (local $w i32) (local $end i32) (local $q i32)
    (local $weight v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $rows
      (local.set $x (i32.const 0))
      (local.set $r (local.get $records))
      (local.set $q (local.get $to))
      (loop $columns
        (local.set $p (i32.add (local.get $from) (i32.load (local.get $r))))
        (local.set $w (i32.add (local.get $r) (i32.const 8)))
        (local.set $end (i32.add (local.get $w) (i32.shl (i32.load offset=4 (local.get $r)) (i32.const 2))))
        ;; One half, so that the shift rounds.
        (local.set $a (v128.const i32x4 2097152 2097152 2097152 2097152))
        (local.set $b (local.get $a))
        (local.set $c (local.get $a))
        (local.set $d (local.get $a))
        (loop $taps
          (local.set $weight (v128.load32_splat (local.get $w)))
          (local.set $a (i32x4.add (local.get $a) (i32x4.mul (local.get $weight)
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $p)))))))
          (local.set $b (i32x4.add (local.get $b) (i32x4.mul (local.get $weight)
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero
              (i32.add (local.get $p) (local.get $rowIn))))))))
          (local.set $c (i32x4.add (local.get $c) (i32x4.mul (local.get $weight)
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero
              (i32.add (local.get $p) (i32.shl (local.get $rowIn) (i32.const 1)))))))))
          (local.set $d (i32x4.add (local.get $d) (i32x4.mul (local.get $weight)
            (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero
              (i32.add (local.get $p) (i32.mul (local.get $rowIn) (i32.const 3)))))))))
          (local.set $p (i32.add (local.get $p) (i32.const 3)))
          (br_if $taps (i32.lt_u (local.tee $w (i32.add (local.get $w) (i32.const 4))) (local.get $end)))
        )
        ;; Narrowing saturates, which clamps to 0 ... 255.
        (local.set $a (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
        (v128.store32_lane 0 (local.get $q) (local.get $a))
        (v128.store32_lane 1 (i32.add (local.get $q) (local.get $rowOut)) (local.get $a))
        (v128.store32_lane 2 (i32.add (local.get $q) (i32.shl (local.get $rowOut) (i32.const 1))) (local.get $a))
        (v128.store32_lane 3 (i32.add (local.get $q) (i32.mul (local.get $rowOut) (i32.const 3))) (local.get $a))
        (local.set $q (i32.add (local.get $q) (i32.const 4)))
        (local.set $r (i32.add (local.get $r) (local.get $record)))
        (br_if $columns (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $width)))
      )
      (local.set $from (i32.add (local.get $from) (i32.shl (local.get $rowIn) (i32.const 2))))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $rowOut) (i32.const 2))))
      (br_if $rows (i32.gt_s (local.tee $height (i32.sub (local.get $height) (i32.const 4))) (i32.const 0)))
    )
  )

  ;; The vertical pass over rows of $length bytes, whatever a pixel has of them.
  (func (export "resampleColumns")
    (param $from i32) (param $rowIn i32) (param $length i32)
    (param $records i32) (param $record i32) (param $height i32)
    (param $to i32)
    (local $x i32) (local $p i32) (local $w i32) (local $first i32) (local $end i32)
    (local $weight v128) (local $bytes v128) (local $low v128) (local $high v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $rows
      (local.set $first (i32.add (local.get $from) (i32.load (local.get $records))))
      (local.set $end (i32.add (i32.add (local.get $records) (i32.const 8))
        (i32.shl (i32.load offset=4 (local.get $records)) (i32.const 2))))
      (local.set $x (i32.const 0))
      (loop $groups
        (local.set $p (i32.add (local.get $first) (local.get $x)))
        (local.set $w (i32.add (local.get $records) (i32.const 8)))
        (local.set $a (v128.const i32x4 2097152 2097152 2097152 2097152))
        (local.set $b (local.get $a))
        (local.set $c (local.get $a))
        (local.set $d (local.get $a))
        (loop $taps
          (local.set $weight (v128.load32_splat (local.get $w)))
          (local.set $bytes (v128.load (local.get $p)))
          (local.set $low (i16x8.extend_low_i8x16_u (local.get $bytes)))
          (local.set $high (i16x8.extend_high_i8x16_u (local.get $bytes)))
          (local.set $a (i32x4.add (local.get $a)
            (i32x4.mul (local.get $weight) (i32x4.extend_low_i16x8_u (local.get $low)))))
          (local.set $b (i32x4.add (local.get $b)
            (i32x4.mul (local.get $weight) (i32x4.extend_high_i16x8_u (local.get $low)))))
          (local.set $c (i32x4.add (local.get $c)
            (i32x4.mul (local.get $weight) (i32x4.extend_low_i16x8_u (local.get $high)))))
          (local.set $d (i32x4.add (local.get $d)
            (i32x4.mul (local.get $weight) (i32x4.extend_high_i16x8_u (local.get $high)))))
          (local.set $p (i32.add (local.get $p) (local.get $rowIn)))
          (br_if $taps (i32.lt_u (local.tee $w (i32.add (local.get $w) (i32.const 4))) (local.get $end)))
        )
        (v128.store (i32.add (local.get $to) (local.get $x))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
        (br_if $groups (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $length)))
      )
      (local.set $to (i32.add (local.get $to) (local.get $length)))
      (local.set $records (i32.add (local.get $records) (local.get $record)))
      (br_if $rows (local.tee $height (i32.sub (local.get $height) (i32.const 1))))
    )
  )

  ;; Four bytes a pixel become three, in place or elsewhere before it; $count pixels, four at a time.
  (func (export "packPixels") (param $from i32) (param $to i32) (param $count i32)
    (loop $groups
      (v128.store (local.get $to)
        (i8x16.shuffle 0 1 2 4 5 6 8 9 10 12 13 14 15 15 15 15 (v128.load (local.get $from)) (v128.load (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (local.set $to (i32.add (local.get $to) (i32.const 12)))
      (br_if $groups (i32.gt_s (local.tee $count (i32.sub (local.get $count) (i32.const 4))) (i32.const 0)))
    )
  )

  ;; Rows of three bytes a pixel become three planes of f32, each byte by its channel's table of 256: the tables lie
  ;; at 0, 1024 and 2048. $from is the first row's first pixel; $step leads to the next: 3, or -3 for a mirror image.
  (func (export "writeLevels")
    (param $from i32) (param $rowIn i32) (param $step i32) (param $width i32) (param $height i32)
    (param $red i32) (param $green i32) (param $blue i32) (param $rowOut i32)
    (local $p i32) (local $r i32) (local $g i32) (local $b i32) (local $left i32)
    (loop $rows
      (local.set $p (local.get $from))
      (local.set $r (local.get $red))
      (local.set $g (local.get $green))
      (local.set $b (local.get $blue))
      (local.set $left (local.get $width))
      ;; Four pixels at a time, then one.
      (block $fewer
        (loop $fours
          (br_if $fewer (i32.lt_s (local.get $left) (i32.const 4)))
          (f32.store (local.get $r)
            (f32.load (i32.shl (i32.load8_u (local.get $p)) (i32.const 2))))
          (f32.store (local.get $g)
            (f32.load offset=1024 (i32.shl (i32.load8_u offset=1 (local.get $p)) (i32.const 2))))
          (f32.store (local.get $b)
            (f32.load offset=2048 (i32.shl (i32.load8_u offset=2 (local.get $p)) (i32.const 2))))
          (local.set $p (i32.add (local.get $p) (local.get $step)))
          (f32.store offset=4 (local.get $r)
            (f32.load (i32.shl (i32.load8_u (local.get $p)) (i32.const 2))))
          (f32.store offset=4 (local.get $g)
            (f32.load offset=1024 (i32.shl (i32.load8_u offset=1 (local.get $p)) (i32.const 2))))
          (f32.store offset=4 (local.get $b)
            (f32.load offset=2048 (i32.shl (i32.load8_u offset=2 (local.get $p)) (i32.const 2))))
          (local.set $p (i32.add (local.get $p) (local.get $step)))
          (f32.store offset=8 (local.get $r)
            (f32.load (i32.shl (i32.load8_u (local.get $p)) (i32.const 2))))
          (f32.store offset=8 (local.get $g)
            (f32.load offset=1024 (i32.shl (i32.load8_u offset=1 (local.get $p)) (i32.const 2))))
          (f32.store offset=8 (local.get $b)
            (f32.load offset=2048 (i32.shl (i32.load8_u offset=2 (local.get $p)) (i32.const 2))))
          (local.set $p (i32.add (local.get $p) (local.get $step)))
          (f32.store offset=12 (local.get $r)
            (f32.load (i32.shl (i32.load8_u (local.get $p)) (i32.const 2))))
          (f32.store offset=12 (local.get $g)
            (f32.load offset=1024 (i32.shl (i32.load8_u offset=1 (local.get $p)) (i32.const 2))))
          (f32.store offset=12 (local.get $b)
            (f32.load offset=2048 (i32.shl (i32.load8_u offset=2 (local.get $p)) (i32.const 2))))
          (local.set $p (i32.add (local.get $p) (local.get $step)))
          (local.set $r (i32.add (local.get $r) (i32.const 16)))
          (local.set $g (i32.add (local.get $g) (i32.const 16)))
          (local.set $b (i32.add (local.get $b) (i32.const 16)))
          (local.set $left (i32.sub (local.get $left) (i32.const 4)))
          (br $fours)
        )
      )
      (block $none
        (loop $ones
          (br_if $none (i32.eqz (local.get $left)))
          (f32.store (local.get $r)
            (f32.load (i32.shl (i32.load8_u (local.get $p)) (i32.const 2))))
          (f32.store (local.get $g)
            (f32.load offset=1024 (i32.shl (i32.load8_u offset=1 (local.get $p)) (i32.const 2))))
          (f32.store (local.get $b)
            (f32.load offset=2048 (i32.shl (i32.load8_u offset=2 (local.get $p)) (i32.const 2))))
          (local.set $p (i32.add (local.get $p) (local.get $step)))
          (local.set $r (i32.add (local.get $r) (i32.const 4)))
          (local.set $g (i32.add (local.get $g) (i32.const 4)))
          (local.set $b (i32.add (local.get $b) (i32.const 4)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $ones)
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
