;; The two loops that every voxel of a varied patch goes through, four voxels at a time.
;; Assembled into kernels.wasm by `node --require tsx/cjs datasets/augmentation/assemble.ts`; a test compares the two.
(module
  (memory (export "memory") 1)

  ;; Copies rows of a contiguous patch into the middle of its frame.
  (func (export "surround")
    (param $source i32) (param $framed i32) ;; bytes; $framed: where the first voxel of the patch lies in its frame
    (param $slices i32) (param $rows i32) (param $rowBytes i32)
    (param $framedRowBytes i32) (param $framedSliceBytes i32)
    (local $row i32) (local $to i32)
    (loop $slice
      (local.set $row (local.get $rows))
      (local.set $to (local.get $framed))
      (loop $copy
        (memory.copy (local.get $to) (local.get $source) (local.get $rowBytes))
        (local.set $source (i32.add (local.get $source) (local.get $rowBytes)))
        (local.set $to (i32.add (local.get $to) (local.get $framedRowBytes)))
        (br_if $copy (local.tee $row (i32.sub (local.get $row) (i32.const 1)))))
      (local.set $framed (i32.add (local.get $framed) (local.get $framedSliceBytes)))
      (br_if $slice (local.tee $slices (i32.sub (local.get $slices) (i32.const 1))))))

  ;; Trilinear samples along a line: voxels $first … $end − 1 of a row of the result.
  ;; (z, y, x) is the place in the frame of voxel 0, (dz, dy, dx) the step to the next; all sampled places lie in the frame.
  (func $sampleRow
    (param $framed i32) (param $target i32) (param $scratch i32) ;; bytes; $scratch: room for the row and three voxels
    (param $first i32) (param $end i32)
    (param $framedRowBytes i32) (param $framedSliceBytes i32)
    (param $z f32) (param $y f32) (param $x f32) (param $dz f32) (param $dy f32) (param $dx f32)
    (local $column i32) (local $at i32)
    (local $columns v128) (local $last v128)
    (local $pz v128) (local $py v128) (local $px v128)
    (local $iz v128) (local $iy v128) (local $ix v128)
    (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32) (local $step i32)
    (local $low v128) (local $high v128)
    (local $upper v128) (local $lower v128) (local $upperNext v128) (local $lowerNext v128)

    (local.set $column (local.get $first))
    (local.set $at (local.get $scratch))
    (local.set $last (f32x4.splat (f32.convert_i32_s (i32.sub (local.get $end) (i32.const 1)))))
    (loop $four
      ;; Lanes beyond the last voxel repeat it, so that they too stay in the frame.
      (local.set $columns
        (f32x4.min
          (f32x4.add (f32x4.splat (f32.convert_i32_s (local.get $column))) (v128.const f32x4 0 1 2 3))
          (local.get $last)))
      (local.set $pz (f32x4.add (f32x4.splat (local.get $z)) (f32x4.mul (local.get $columns) (f32x4.splat (local.get $dz)))))
      (local.set $py (f32x4.add (f32x4.splat (local.get $y)) (f32x4.mul (local.get $columns) (f32x4.splat (local.get $dy)))))
      (local.set $px (f32x4.add (f32x4.splat (local.get $x)) (f32x4.mul (local.get $columns) (f32x4.splat (local.get $dx)))))
      ;; Places in the frame are above zero, where cutting off the fraction is rounding down.
      (local.set $iz (i32x4.trunc_sat_f32x4_s (local.get $pz)))
      (local.set $iy (i32x4.trunc_sat_f32x4_s (local.get $py)))
      (local.set $ix (i32x4.trunc_sat_f32x4_s (local.get $px)))
      (local.set $pz (f32x4.sub (local.get $pz) (f32x4.convert_i32x4_s (local.get $iz))))
      (local.set $py (f32x4.sub (local.get $py) (f32x4.convert_i32x4_s (local.get $iy))))
      (local.set $px (f32x4.sub (local.get $px) (f32x4.convert_i32x4_s (local.get $ix))))
      (local.set $ix
        (i32x4.add
          (i32x4.add
            (i32x4.mul (local.get $iz) (i32x4.splat (local.get $framedSliceBytes)))
            (i32x4.mul (local.get $iy) (i32x4.splat (local.get $framedRowBytes))))
          (i32x4.add (i32x4.shl (local.get $ix) (i32.const 2)) (i32x4.splat (local.get $framed)))))
      (local.set $a0 (i32x4.extract_lane 0 (local.get $ix)))
      (local.set $a1 (i32x4.extract_lane 1 (local.get $ix)))
      (local.set $a2 (i32x4.extract_lane 2 (local.get $ix)))
      (local.set $a3 (i32x4.extract_lane 3 (local.get $ix)))
      ;; Each lane's two neighbours along the columns, blended.
      (local.set $low (v128.load64_lane 1 (local.get $a1) (v128.load64_zero (local.get $a0))))
      (local.set $high (v128.load64_lane 1 (local.get $a3) (v128.load64_zero (local.get $a2))))
      (local.set $upper (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $low) (local.get $high)))
      (local.set $high (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $low) (local.get $high)))
      (local.set $upper (f32x4.add (local.get $upper) (f32x4.mul (f32x4.sub (local.get $high) (local.get $upper)) (local.get $px))))
      (local.set $step (local.get $framedRowBytes))
      (local.set $a0 (i32.add (local.get $a0) (local.get $step)))
      (local.set $a1 (i32.add (local.get $a1) (local.get $step)))
      (local.set $a2 (i32.add (local.get $a2) (local.get $step)))
      (local.set $a3 (i32.add (local.get $a3) (local.get $step)))
      ;; Each lane's two neighbours along the columns, blended.
      (local.set $low (v128.load64_lane 1 (local.get $a1) (v128.load64_zero (local.get $a0))))
      (local.set $high (v128.load64_lane 1 (local.get $a3) (v128.load64_zero (local.get $a2))))
      (local.set $lower (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $low) (local.get $high)))
      (local.set $high (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $low) (local.get $high)))
      (local.set $lower (f32x4.add (local.get $lower) (f32x4.mul (f32x4.sub (local.get $high) (local.get $lower)) (local.get $px))))
      (local.set $step (i32.sub (local.get $framedSliceBytes) (local.get $framedRowBytes)))
      (local.set $a0 (i32.add (local.get $a0) (local.get $step)))
      (local.set $a1 (i32.add (local.get $a1) (local.get $step)))
      (local.set $a2 (i32.add (local.get $a2) (local.get $step)))
      (local.set $a3 (i32.add (local.get $a3) (local.get $step)))
      ;; Each lane's two neighbours along the columns, blended.
      (local.set $low (v128.load64_lane 1 (local.get $a1) (v128.load64_zero (local.get $a0))))
      (local.set $high (v128.load64_lane 1 (local.get $a3) (v128.load64_zero (local.get $a2))))
      (local.set $upperNext (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $low) (local.get $high)))
      (local.set $high (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $low) (local.get $high)))
      (local.set $upperNext (f32x4.add (local.get $upperNext) (f32x4.mul (f32x4.sub (local.get $high) (local.get $upperNext)) (local.get $px))))
      (local.set $step (local.get $framedRowBytes))
      (local.set $a0 (i32.add (local.get $a0) (local.get $step)))
      (local.set $a1 (i32.add (local.get $a1) (local.get $step)))
      (local.set $a2 (i32.add (local.get $a2) (local.get $step)))
      (local.set $a3 (i32.add (local.get $a3) (local.get $step)))
      ;; Each lane's two neighbours along the columns, blended.
      (local.set $low (v128.load64_lane 1 (local.get $a1) (v128.load64_zero (local.get $a0))))
      (local.set $high (v128.load64_lane 1 (local.get $a3) (v128.load64_zero (local.get $a2))))
      (local.set $lowerNext (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get $low) (local.get $high)))
      (local.set $high (i8x16.shuffle 4 5 6 7 12 13 14 15 20 21 22 23 28 29 30 31 (local.get $low) (local.get $high)))
      (local.set $lowerNext (f32x4.add (local.get $lowerNext) (f32x4.mul (f32x4.sub (local.get $high) (local.get $lowerNext)) (local.get $px))))
      (local.set $upper (f32x4.add (local.get $upper) (f32x4.mul (f32x4.sub (local.get $lower) (local.get $upper)) (local.get $py))))
      (local.set $upperNext (f32x4.add (local.get $upperNext) (f32x4.mul (f32x4.sub (local.get $lowerNext) (local.get $upperNext)) (local.get $py))))
      (v128.store (local.get $at)
        (f32x4.add (local.get $upper) (f32x4.mul (f32x4.sub (local.get $upperNext) (local.get $upper)) (local.get $pz))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $four (i32.lt_s (local.tee $column (i32.add (local.get $column) (i32.const 4))) (local.get $end))))
    (memory.copy
      (i32.add (local.get $target) (i32.shl (local.get $first) (i32.const 2)))
      (local.get $scratch)
      (i32.shl (i32.sub (local.get $end) (local.get $first)) (i32.const 2))))

  ;; Adds independent normal noise to $count voxels. Each of the four lanes has its own xorshift32 (Marsaglia 2003), whose
  ;; upper 16 bits choose from a table of 65,536 normal numbers. The last store may reach over three voxels.
  (func (export "addNoise")
    (param $patch i32) (param $count i32) (param $table i32) (param $deviation f32)
    (param $seed0 i32) (param $seed1 i32) (param $seed2 i32) (param $seed3 i32)
    (local $end i32) (local $word v128) (local $places v128) (local $drawn v128)
    (local.set $end (i32.add (local.get $patch) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $word
      (i32x4.replace_lane 3 (i32x4.replace_lane 2 (i32x4.replace_lane 1 (i32x4.splat (local.get $seed0))
        (local.get $seed1)) (local.get $seed2)) (local.get $seed3)))
    (loop $four
      (local.set $word (v128.xor (local.get $word) (i32x4.shl (local.get $word) (i32.const 13))))
      (local.set $word (v128.xor (local.get $word) (i32x4.shr_u (local.get $word) (i32.const 17))))
      (local.set $word (v128.xor (local.get $word) (i32x4.shl (local.get $word) (i32.const 5))))
      (local.set $places
        (i32x4.add (i32x4.splat (local.get $table)) (i32x4.shl (i32x4.shr_u (local.get $word) (i32.const 16)) (i32.const 2))))
      (local.set $drawn (v128.load32_zero (i32x4.extract_lane 0 (local.get $places))))
      (local.set $drawn (v128.load32_lane 1 (i32x4.extract_lane 1 (local.get $places)) (local.get $drawn)))
      (local.set $drawn (v128.load32_lane 2 (i32x4.extract_lane 2 (local.get $places)) (local.get $drawn)))
      (local.set $drawn (v128.load32_lane 3 (i32x4.extract_lane 3 (local.get $places)) (local.get $drawn)))
      (v128.store (local.get $patch)
        (f32x4.add (v128.load (local.get $patch)) (f32x4.mul (local.get $drawn) (f32x4.splat (local.get $deviation)))))
      (br_if $four (i32.lt_u (local.tee $patch (i32.add (local.get $patch) (i32.const 16))) (local.get $end)))))
  ;; Samples a whole patch through the affine map at $affine: three rows of four float64, as affine.ts says.
  ;; What lies more than a voxel outside the source is left as it is.
  (func (export "resample")
    (param $framed i32) (param $target i32) (param $scratch i32) (param $affine i32) ;; bytes
    (param $slices i32) (param $rows i32) (param $columns i32)
    (param $framedRowBytes i32) (param $framedSliceBytes i32)
    (param $frame f64) ;; voxels of padding around the source
    (local $slice i32) (local $row i32) (local $z f64) (local $y f64) (local $x f64)
    (local $first f64) (local $last f64) (local $from i32) (local $end i32)
    (loop $eachSlice
      (local.set $row (i32.const 0))
      (loop $eachRow
        (local.set $z (call $along (local.get $affine) (local.get $slice) (local.get $row)))
        (local.set $y (call $along (i32.add (local.get $affine) (i32.const 32)) (local.get $slice) (local.get $row)))
        (local.set $x (call $along (i32.add (local.get $affine) (i32.const 64)) (local.get $slice) (local.get $row)))
        (call $within (local.get $z) (f64.load offset=16 (local.get $affine)) (f64.convert_i32_s (local.get $slices))
          (f64.const 0) (f64.convert_i32_s (i32.sub (local.get $columns) (i32.const 1))))
        (local.set $last)
        (local.set $first)
        (call $within (local.get $y) (f64.load offset=48 (local.get $affine)) (f64.convert_i32_s (local.get $rows))
          (local.get $first) (local.get $last))
        (local.set $last)
        (local.set $first)
        (call $within (local.get $x) (f64.load offset=80 (local.get $affine)) (f64.convert_i32_s (local.get $columns))
          (local.get $first) (local.get $last))
        (local.set $last)
        (local.set $first)
        (local.set $from (i32.trunc_sat_f64_s (f64.ceil (local.get $first))))
        (local.set $end (i32.trunc_sat_f64_s (f64.add (f64.floor (local.get $last)) (f64.const 1))))
        (if (i32.lt_s (local.get $from) (local.get $end))
          (then
            (call $sampleRow (local.get $framed) (local.get $target) (local.get $scratch) (local.get $from) (local.get $end)
              (local.get $framedRowBytes) (local.get $framedSliceBytes)
              (f32.demote_f64 (f64.add (local.get $z) (local.get $frame)))
              (f32.demote_f64 (f64.add (local.get $y) (local.get $frame)))
              (f32.demote_f64 (f64.add (local.get $x) (local.get $frame)))
              (f32.demote_f64 (f64.load offset=16 (local.get $affine)))
              (f32.demote_f64 (f64.load offset=48 (local.get $affine)))
              (f32.demote_f64 (f64.load offset=80 (local.get $affine))))))
        (local.set $target (i32.add (local.get $target) (i32.shl (local.get $columns) (i32.const 2))))
        (br_if $eachRow (i32.lt_s (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))
      (br_if $eachSlice (i32.lt_s (local.tee $slice (i32.add (local.get $slice) (i32.const 1))) (local.get $slices)))))

  ;; Where column 0 of a row is taken from along the axis of this row of the map.
  (func $along (param $axis i32) (param $slice i32) (param $row i32) (result f64)
    (f64.add
      (f64.add
        (f64.mul (f64.load (local.get $axis)) (f64.convert_i32_s (local.get $slice)))
        (f64.mul (f64.load offset=8 (local.get $axis)) (f64.convert_i32_s (local.get $row))))
      (f64.load offset=24 (local.get $axis))))

  ;; Those of the columns $first … $last whose places along an axis, $from + column · $by, lie within a voxel of the source.
  (func $within (param $from f64) (param $by f64) (param $size f64) (param $first f64) (param $last f64) (result f64 f64)
    (local $low f64) (local $high f64)
    (local.set $low (f64.sub (f64.const -1) (local.get $from)))
    (local.set $high (f64.sub (local.get $size) (local.get $from)))
    (if (f64.eq (local.get $by) (f64.const 0))
      (then
        (if (i32.or (f64.gt (local.get $low) (f64.const 0)) (f64.lt (local.get $high) (f64.const 0)))
          (then (return (f64.const inf) (local.get $last))))
        (return (local.get $first) (local.get $last))))
    (local.set $low (f64.div (local.get $low) (local.get $by)))
    (local.set $high (f64.div (local.get $high) (local.get $by)))
    (f64.max (local.get $first) (f64.min (local.get $low) (local.get $high)))
    (f64.min (local.get $last) (f64.max (local.get $low) (local.get $high)))))
