package org.svos.telemetry.gateway.rest;

import java.util.ArrayList;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.accept.ContentNegotiationStrategy;
import org.springframework.web.accept.HeaderContentNegotiationStrategy;
import org.springframework.web.context.request.NativeWebRequest;

/** Reads {@code Accept}, but that one who asks for a page takes what there is: there are no pages, and it shows JSON too. */
final class BrowsersToo implements ContentNegotiationStrategy {

    private final HeaderContentNegotiationStrategy header = new HeaderContentNegotiationStrategy();

    @Override
    public List<MediaType> resolveMediaTypes(NativeWebRequest request) throws HttpMediaTypeNotAcceptableException {
        List<MediaType> accepted = header.resolveMediaTypes(request);
        if (accepted.stream().noneMatch(type -> !type.isWildcardType() && type.includes(MediaType.TEXT_HTML))) {
            return accepted;
        }
        List<MediaType> more = new ArrayList<>(accepted);
        more.add(MediaType.ALL);
        return more;
    }
}
