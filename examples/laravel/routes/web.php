<?php

use App\Http\Controllers\SeatController;
use Illuminate\Support\Facades\Route;

Route::get('/showtimes/{showtime}', [SeatController::class, 'show'])->name('showtime');
Route::post('/showtimes/{showtime}/lock', [SeatController::class, 'lock'])->name('showtime.lock');
Route::post('/showtimes/{showtime}/book', [SeatController::class, 'book'])->name('showtime.book');

// The server's own rule for ids; it keeps the path of the requests to it what it is.
Route::pattern('showtime', '[A-Za-z0-9_-]{1,64}');
