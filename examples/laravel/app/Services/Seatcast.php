<?php

namespace App\Services;

use Illuminate\Http\Client\ConnectionException;
use Illuminate\Http\Client\PendingRequest;
use Illuminate\Http\Client\RequestException;
use Illuminate\Support\Facades\Http;
use Throwable;

/**
 * The seat-map server over HTTP. Every request may be repeated: the server makes its effect once.
 *
 * Each method throws RequestException when the server refuses (409, 422, …; its JSON has `code` and, where seats are
 * concerned, `seats` with a reason for each), and ConnectionException when there was no answer.
 */
final class Seatcast
{
    /** Locks seats for a holder, all or none. */
    public function lock(string $showtime, array $seats, string $userId): array
    {
        return $this->send('post', "$showtime/seats/lock", ['seats' => $seats, 'userId' => $userId]);
    }

    /** A new deadline for locks that the holder has. */
    public function extend(string $showtime, array $seats, string $userId): array
    {
        return $this->send('put', "$showtime/seats/extend-lock", ['seats' => $seats, 'userId' => $userId]);
    }

    /** Gives locks back. */
    public function unlock(string $showtime, array $seats, string $userId): array
    {
        return $this->send('delete', "$showtime/seats/unlock", ['seats' => $seats, 'userId' => $userId]);
    }

    /** Turns the holder's locks into a sale. The same booking id again is the same booking. */
    public function book(string $showtime, array $seats, string $userId, string $bookingId): array
    {
        return $this->send('post', "$showtime/seats/book", ['seats' => $seats, 'userId' => $userId, 'bookingId' => $bookingId]);
    }

    /** Refunds seats of a booking. */
    public function release(string $showtime, array $seats, string $bookingId): array
    {
        return $this->send('post', "$showtime/seats/release", ['seats' => $seats, 'bookingId' => $bookingId]);
    }

    private function send(string $method, string $path, array $body): array
    {
        return $this->request()->send(strtoupper($method), "showtimes/$path", ['json' => $body])->throw()->json();
    }

    private function request(): PendingRequest
    {
        return Http::baseUrl(rtrim(config('services.seatcast.url'), '/').'/api/v1')
            ->acceptJson()
            ->timeout(5)
            ->retry(3, fn (int $attempt, Throwable $error) => $this->pause($attempt, $error), fn (Throwable $error) => $this->mayRepeat($error), throw: false);
    }

    /** Without an answer, and while the store is out of reach, the same request is sent again. */
    private function mayRepeat(Throwable $error): bool
    {
        return $error instanceof ConnectionException
            || ($error instanceof RequestException && $error->response->status() === 503);
    }

    /** Milliseconds: what the server asks for, so that not all come back at once. */
    private function pause(int $attempt, Throwable $error): int
    {
        $seconds = $error instanceof RequestException ? (int) $error->response->header('Retry-After') : 0;

        return $seconds > 0 ? $seconds * 1000 : $attempt * 200;
    }
}
